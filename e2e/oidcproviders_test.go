package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"

	"rollcall/rollcalltest"
)

// thumbprint is one that AWS's documentation shows.
const thumbprint = "c3768084dfb3d2b68b7897bf5f565da8eEXAMPLE"

func createProvider(t testing.TB, by *caller, url string) error {
	_, err := by.iam.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{Url: &url})
	return err
}

func (f *fixture) provider(t testing.TB, arn *string) *iam.GetOpenIDConnectProviderOutput {
	t.Helper()
	out, err := f.root.iam.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
	ok(t, err)
	return out
}

func TestOpenIDConnectProvidersAreMadeChangedAndDeleted(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	c, tag := f.root.iam, []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("blue")}}
	made, err := c.CreateOpenIDConnectProvider(t.Context(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String("https://id.example.com/realms/sales"), ClientIDList: []string{"app", "sts.amazonaws.com"}, ThumbprintList: []string{thumbprint}, Tags: tag})
	ok(t, err)
	arn := made.OpenIDConnectProviderArn
	same(t, "ARN", f.iamARN("oidc-provider/id.example.com/realms/sales"), *arn)
	same(t, "new tags", tag, made.Tags)
	got := f.provider(t, arn)
	same(t, "provider", []any{"id.example.com/realms/sales", []string{"app", "sts.amazonaws.com"}, []string{thumbprint}, tag},
		[]any{*got.Url, got.ClientIDList, got.ThumbprintList, got.Tags})
	if age := time.Since(*got.CreateDate); age < 0 || age > time.Minute {
		t.Errorf("the provider is from %v", got.CreateDate)
	}

	for range 2 {
		_, err = c.AddClientIDToOpenIDConnectProvider(t.Context(), &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("other")})
		ok(t, err)
		_, err = c.RemoveClientIDFromOpenIDConnectProvider(t.Context(), &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, ClientID: aws.String("app")})
		ok(t, err)
	}
	_, err = c.UpdateOpenIDConnectProviderThumbprint(t.Context(), &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: []string{}})
	ok(t, err)
	_, err = c.TagOpenIDConnectProvider(t.Context(), &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, Tags: []iamtypes.Tag{{Key: aws.String("cost"), Value: aws.String("")}}})
	ok(t, err)
	_, err = c.UntagOpenIDConnectProvider(t.Context(), &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn, TagKeys: []string{"team"}})
	ok(t, err)
	tags, err := c.ListOpenIDConnectProviderTags(t.Context(), &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: arn})
	ok(t, err)
	got = f.provider(t, arn)
	left := []iamtypes.Tag{{Key: aws.String("cost"), Value: aws.String("")}}
	same(t, "changed provider", []any{[]string{"sts.amazonaws.com", "other"}, []string{}, left, left}, []any{got.ClientIDList, got.ThumbprintList, got.Tags, tags.Tags})

	list, err := c.ListOpenIDConnectProviders(t.Context(), nil)
	ok(t, err)
	if all := list.OpenIDConnectProviderList; len(all) != 1 || *all[0].Arn != *arn {
		t.Errorf("listed: %v", all)
	}
	for range 2 { // as documented
		_, err = c.DeleteOpenIDConnectProvider(t.Context(), &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: arn})
		ok(t, err)
	}
	list, err = c.ListOpenIDConnectProviders(t.Context(), nil)
	ok(t, err)
	if len(list.OpenIDConnectProviderList) != 0 {
		t.Errorf("left: %v", list.OpenIDConnectProviderList)
	}
}

func TestRefusalsOfOpenIDConnectProvidersAreTyped(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ok(t, createProvider(t, f.root, "https://id.example.com"))
	arn, none := aws.String(f.iamARN("oidc-provider/id.example.com")), aws.String(f.iamARN("oidc-provider/none.example.com"))
	create := func(in *iam.CreateOpenIDConnectProviderInput) error {
		_, err := f.root.iam.CreateOpenIDConnectProvider(t.Context(), in)
		return err
	}
	many := func(n int) (all []string) {
		for i := range n {
			all = append(all, fmt.Sprintf("%040d", i))
		}
		return all
	}
	_, notFound := f.root.iam.GetOpenIDConnectProvider(t.Context(), &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: none})
	_, notSix := f.root.iam.UpdateOpenIDConnectProviderThumbprint(t.Context(), &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: arn, ThumbprintList: many(6)})
	for what, tt := range map[string]struct {
		err    error
		want   error
		status int
		text   string
	}{
		"one that is not there": {notFound, &iamtypes.NoSuchEntityException{}, 404, "OpenIDConnect Provider not found for arn " + *none},
		"six thumbprints":       {notSix, &iamtypes.InvalidInputException{}, 400, "Thumbprint list must contain fewer than 5 entries."},
		"one again": {createProvider(t, f.root, "https://id.example.com"), &iamtypes.EntityAlreadyExistsException{}, 409,
			"Provider with url https://id.example.com already exists."},
		"too many client ids": {create(&iam.CreateOpenIDConnectProviderInput{Url: aws.String("https://a.org"), ClientIDList: many(101)}),
			&iamtypes.LimitExceededException{}, 409, "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"},
		"a URL with a query": {createProvider(t, f.root, "https://a.org/?b=c"), &smithy.GenericAPIError{}, 400, "Invalid Open ID Connect Provider URL"},
	} {
		t.Run(what, func(t *testing.T) {
			e := refused[smithy.APIError](t, tt.err, tt.status)
			if got, want := fmt.Sprintf("%T", e), fmt.Sprintf("%T", tt.want); got != want {
				t.Errorf("got a %s, want a %s: %v", got, want, e)
			}
			text(t, e, tt.text)
		})
	}
}

// The CLI that Debian has is older than most of what rollcall knows.
func TestTheCLIKnowsOpenIDConnectProviders(t *testing.T) {
	t.Parallel()
	const cli = "/usr/bin/aws"
	if _, err := os.Stat(cli); err != nil {
		needed(t, "the AWS CLI (Debian's package awscli)")
	}
	srv := rollcalltest.NewServer(t, nil)
	run := func(arguments ...string) (out struct {
		OpenIDConnectProviderArn  string
		URL                       string
		ClientIDList              []string
		ThumbprintList            []string
		OpenIDConnectProviderList []struct{ Arn string }
	}) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), cli, append([]string{"iam", "--endpoint-url", srv.URL, "--output", "json"}, arguments...)...)
		cmd.Env, cmd.Stderr = append(environment(suiteEnvironment(srv)), "AWS_PAGER="), t.Output()
		text, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v %s", arguments, err, text)
		}
		if len(text) > 0 {
			ok(t, json.Unmarshal(text, &out))
		}
		return out
	}
	arn := run("create-open-id-connect-provider", "--url", "https://id.example.com", "--client-id-list", "app", "--thumbprint-list", thumbprint).OpenIDConnectProviderArn
	run("add-client-id-to-open-id-connect-provider", "--open-id-connect-provider-arn", arn, "--client-id", "other")
	run("update-open-id-connect-provider-thumbprint", "--open-id-connect-provider-arn", arn, "--thumbprint-list", strings.Repeat("a", 40))
	got := run("get-open-id-connect-provider", "--open-id-connect-provider-arn", arn)
	same(t, "provider", []any{"id.example.com", []string{"app", "other"}, []string{strings.Repeat("a", 40)}}, []any{got.URL, got.ClientIDList, got.ThumbprintList})
	run("delete-open-id-connect-provider", "--open-id-connect-provider-arn", arn)
	if left := run("list-open-id-connect-providers").OpenIDConnectProviderList; len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
