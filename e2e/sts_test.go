package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"rollcall/rollcalltest"
)

func stsClient(srv *rollcalltest.Server, secret string) *sts.Client {
	return sts.New(sts.Options{
		BaseEndpoint: &srv.URL,
		Region:       srv.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(srv.AccessKeyID, secret, ""),
		Retryer:      aws.NopRetryer{},
	})
}

func TestCallerIdentity(t *testing.T) {
	srv := rollcalltest.NewServer(t, nil)
	root := "arn:aws:iam::" + srv.AccountID + ":root"
	t.Run("GoSDK", func(t *testing.T) {
		out, err := stsClient(srv, srv.SecretAccessKey).GetCallerIdentity(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if *out.Account != srv.AccountID || *out.UserId != srv.AccountID || *out.Arn != root {
			t.Errorf("%s %s %s", *out.Account, *out.UserId, *out.Arn)
		}
	})
	t.Run("GoSDKWithAWrongSecret", func(t *testing.T) {
		_, err := stsClient(srv, "wrong").GetCallerIdentity(t.Context(), nil)
		var refused smithy.APIError
		if !errors.As(err, &refused) || refused.ErrorCode() != "SignatureDoesNotMatch" {
			t.Errorf("error is %v, want SignatureDoesNotMatch", err)
		}
	})
	t.Run("AWSCLI", func(t *testing.T) {
		const cli = "/usr/bin/aws"
		if _, err := os.Stat(cli); err != nil {
			needed(t, "the AWS CLI (Debian's package awscli)")
		}
		whoAmI := exec.CommandContext(t.Context(), cli, "sts", "get-caller-identity", "--endpoint-url", srv.URL, "--output", "json")
		whoAmI.Env = append(environment(suiteEnvironment(srv)), "AWS_DEFAULT_REGION="+srv.Region)
		whoAmI.Stderr = t.Output()
		out, err := whoAmI.Output()
		if err != nil {
			t.Fatal(err)
		}
		var got struct{ UserId, Account, Arn string }
		if err := json.NewDecoder(bytes.NewReader(out)).Decode(&got); err != nil || got.Arn != root {
			t.Errorf("%v: %s", err, out)
		}
	})
}
