package main

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// caller is somebody who calls, and what he is called in the table.
type caller struct {
	name string
	key  aws.Credentials
}

// measureCallers measures DescribeUser by callers with policies against the
// root, who needs none.
func measureCallers(ctx context.Context, o options, u *users, p *process) error {
	all, err := u.callers()
	if err != nil {
		return fmt.Errorf("making callers: %w", err)
	}
	rounds := make([][]result, len(all))
	for range o.rounds {
		var root result
		for i, c := range all {
			requests, err := each(u.names, u.as(c.key).describe)
			if err = errors.Join(err, ctx.Err()); err != nil {
				return err
			}
			r := p.drive(&load{requests: requests, again: true}, o)
			if r.err != nil {
				return r.err
			}
			if i == 0 {
				root = r
			}
			r.ratio = r.rate / root.rate
			rounds[i] = append(rounds[i], r)
		}
	}
	fmt.Println()
	for i, c := range all {
		printRow(map[bool]string{true: "DescribeUser"}[i == 0], c.name, rounds[i])
	}
	return nil
}

// as is u with another key.
func (u *users) as(key aws.Credentials) *users {
	other := *u
	other.key = key
	return &other
}

const allowAll = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`

// callers makes a session of a role that may do everything, and a user with 10
// policies of 20 statements.
func (u *users) callers() ([]caller, error) {
	var failed error
	call := func(service, action string, parameters ...string) (a answer) {
		if failed == nil {
			failed = u.query(service, action, parameters, &a)
		}
		return a
	}
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"sts:AssumeRole"}}`
	call("iam", "CreateRole", "RoleName", "bench", "AssumeRolePolicyDocument", trust)
	call("iam", "PutRolePolicy", "RoleName", "bench", "PolicyName", "all", "PolicyDocument", allowAll)
	call("iam", "CreateUser", "UserName", "assumes")
	call("iam", "PutUserPolicy", "UserName", "assumes", "PolicyName", "all", "PolicyDocument", allowAll)
	assumes := u.as(call("iam", "CreateAccessKey", "UserName", "assumes").Key.credentials())
	var session answer
	if failed == nil {
		failed = assumes.query("sts", "AssumeRole",
			[]string{"RoleArn", "arn:aws:iam::111122223333:role/bench", "RoleSessionName", "bench"}, &session)
	}

	call("iam", "CreateUser", "UserName", "policies")
	for i := range 10 {
		arn := call("iam", "CreatePolicy", "PolicyName", fmt.Sprint("bench", i), "PolicyDocument", manyStatements(i)).PolicyARN
		call("iam", "AttachUserPolicy", "UserName", "policies", "PolicyArn", arn)
	}
	policies := call("iam", "CreateAccessKey", "UserName", "policies").Key.credentials()
	return []caller{{"root", u.key}, {"session", session.Session.credentials()}, {"policies", policies}}, failed
}

// manyStatements is a policy of 20 statements as people have them: most about
// other actions, some about other resources, some with variables and
// conditions. The last of the last policy allows DescribeUser.
func manyStatements(policy int) string {
	var all []string
	for i := range 20 {
		s := fmt.Sprintf(`"Effect":"Allow","Action":["quicksight:DescribeThing%d","quicksight:List%d*"],"Resource":"*"`, i, i)
		switch i {
		case 2, 12:
			s = fmt.Sprintf(`"Effect":"Allow","Action":"quicksight:*","Resource":"arn:aws:quicksight:*:*:user/team-%d/*"`, policy)
		case 5, 15:
			s = `"Effect":"Allow","Action":"quicksight:Describe*","Resource":"arn:aws:quicksight:*:*:user/default/${aws:username}"`
		case 8, 18:
			s = fmt.Sprintf(`"Effect":"Deny","Action":"quicksight:*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"team-%d"}}`, policy)
		case 19:
			if policy == 9 {
				s = `"Effect":"Allow","Action":"quicksight:DescribeUser","Resource":"arn:aws:quicksight:*:111122223333:user/default/*"`
			}
		}
		all = append(all, "{"+s+"}")
	}
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(all, ",") + `]}`
}

// answer is what is read of the answers of IAM and STS.
type answer struct {
	Key       accessKey `xml:"CreateAccessKeyResult>AccessKey"`
	Session   accessKey `xml:"AssumeRoleResult>Credentials"`
	PolicyARN string    `xml:"CreatePolicyResult>Policy>Arn"`
}

type accessKey struct{ AccessKeyId, SecretAccessKey, SessionToken string }

func (k accessKey) credentials() aws.Credentials {
	return aws.Credentials{AccessKeyID: k.AccessKeyId, SecretAccessKey: k.SecretAccessKey, SessionToken: k.SessionToken}
}

// query calls IAM or STS.
func (u *users) query(service, action string, parameters []string, a *answer) error {
	form := url.Values{"Action": {action}, "Version": {map[string]string{"iam": "2010-05-08", "sts": "2011-06-15"}[service]}}
	for i := 0; i < len(parameters); i += 2 {
		form.Set(parameters[i], parameters[i+1])
	}
	request, err := u.signFor(service, "POST", "/", form.Encode())
	if err != nil {
		return err
	}
	c, err := dial(u.address)
	if err != nil {
		return err
	}
	defer c.Close()
	body, err := c.call(request)
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return xml.Unmarshal(body, a)
}
