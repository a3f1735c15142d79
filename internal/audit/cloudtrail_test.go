package audit_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"rollcall/internal/audit"
	"rollcall/internal/store"
)

// The time in the ID is 2026-01-02T03:04:05.678Z.
var (
	id        = uuid.MustParse("019b7ca9-8f2e-7001-8000-000000000001")
	requestID = uuid.MustParse("11111111-2222-4333-8444-555555555555")
	began     = time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC)
)

var (
	root = store.AuditCaller{
		Kind: store.IAMRoot, Name: "root", ARN: "arn:aws:iam::111122223333:root", PrincipalID: "111122223333",
		AccessKeyID: "AKIAROOT"}
	alice = store.AuditCaller{
		Kind: store.IAMUser, Name: "alice", ARN: "arn:aws:iam::111122223333:user/ops/alice", PrincipalID: "AIDAALICE",
		AccessKeyID: "AKIAALICE"}
	web = store.AuditCaller{
		Kind: store.WebIdentity, Name: "ana-1", ARN: "arn:aws:iam::111122223333:oidc-provider/id.example.com",
		PrincipalID: "arn:aws:iam::111122223333:oidc-provider/id.example.com:app:ana-1"}
	reader = store.AuditCaller{
		Kind: store.IAMRole, Name: "ben", ARN: "arn:aws:sts::111122223333:assumed-role/Reader/ben",
		PrincipalID: "AROAREADER:ben", AccessKeyID: "ASIAREADER",
		RoleARN: "arn:aws:iam::111122223333:role/teams/Reader", SessionStart: began}
)

// of is a call as it comes out of the store.
func of(c store.AuditCaller, action string, change func(*store.AuditRecord)) store.AuditRecord {
	r := store.AuditRecord{
		ID: id, AccountID: "111122223333", Action: action, Region: "eu-west-1", Caller: c,
		SourceIP: "192.0.2.7", UserAgent: "aws-cli/2.20", RequestID: requestID,
	}
	if change != nil {
		change(&r)
	}
	return r
}

func inSession(c store.AuditCaller) store.AuditCaller {
	c.AccessKeyID, c.SessionStart = "ASIAOWN", began.Add(time.Hour-time.Millisecond)
	return c
}

func TestRender(t *testing.T) {
	const (
		tail = `"requestID":"11111111-2222-4333-8444-555555555555","eventID":"019b7ca9-8f2e-7001-8000-000000000001",`
		last = `"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","eventCategory":"Management"}`
	)
	for _, tt := range []struct {
		name   string
		record store.AuditRecord
		want   string
	}{
		{"Change", of(alice, "quicksight:UpdateUser", func(r *store.AuditRecord) {
			r.Resource = "arn:aws:quicksight:eu-west-1:111122223333:user/default/ana"
			r.Subject = "ana"
			r.Parameters = `{"awsAccountId":"111122223333","userName":"<ana> & \u0007"}`
			r.Response = `{"user":{"arn":"arn:aws:quicksight:eu-west-1:111122223333:user/default/ana"}}`
		}), `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAALICE","arn":"arn:aws:iam::111122223333:user/ops/alice",` +
			`"accountId":"111122223333","accessKeyId":"AKIAALICE","userName":"alice"},"eventTime":"2026-01-02T03:04:05Z",` +
			`"eventSource":"quicksight.amazonaws.com","eventName":"UpdateUser","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7",` +
			`"userAgent":"aws-cli/2.20","requestParameters":{"awsAccountId":"111122223333","userName":"<ana> & \u0007"},` +
			`"responseElements":{"user":{"arn":"arn:aws:quicksight:eu-west-1:111122223333:user/default/ana"}},"additionalEventData":{"subject":"ana"},` + tail +
			`"readOnly":false,"resources":[{"accountId":"111122223333","ARN":"arn:aws:quicksight:eu-west-1:111122223333:user/default/ana"}],` + last},

		{"Registration", of(alice, "quicksight:RegisterUser", func(r *store.AuditRecord) {
			r.Resource = "arn:aws:quicksight:eu-west-1:111122223333:user/default/ana"
			r.Subject = "ana"
			r.Parameters = `{"awsAccountId":"111122223333","userName":"<ana> & \u0007"}`
		}), `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAALICE","arn":"arn:aws:iam::111122223333:user/ops/alice",` +
			`"accountId":"111122223333","accessKeyId":"AKIAALICE","userName":"alice"},"eventTime":"2026-01-02T03:04:05Z",` +
			`"eventSource":"quicksight.amazonaws.com","eventName":"RegisterUser","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7",` +
			`"userAgent":"aws-cli/2.20","requestParameters":{"awsAccountId":"111122223333","userName":"<ana> & \u0007"},` +
			`"responseElements":{"user":{"arn":"arn:aws:quicksight:eu-west-1:111122223333:user/default/ana","userName":"ana"}},"additionalEventData":{"subject":"ana"},` + tail +
			`"readOnly":false,"resources":[{"accountId":"111122223333","ARN":"arn:aws:quicksight:eu-west-1:111122223333:user/default/ana"}],` + last},

		{"WebIdentity", of(web, "sts:AssumeRoleWithWebIdentity", func(r *store.AuditRecord) {
			r.ReadOnly = true
			r.Parameters = `{"roleArn":"arn:aws:iam::111122223333:role/Reader"}`
		}), `{"eventVersion":"1.11","userIdentity":{"type":"WebIdentityUser",` +
			`"principalId":"arn:aws:iam::111122223333:oidc-provider/id.example.com:app:ana-1","userName":"ana-1",` +
			`"identityProvider":"arn:aws:iam::111122223333:oidc-provider/id.example.com"},"eventTime":"2026-01-02T03:04:05Z",` +
			`"eventSource":"sts.amazonaws.com","eventName":"AssumeRoleWithWebIdentity","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7",` +
			`"userAgent":"aws-cli/2.20","requestParameters":{"roleArn":"arn:aws:iam::111122223333:role/Reader"},"responseElements":null,` + tail +
			`"readOnly":true,` + last},

		{"ReadOfAllByARole", of(reader, "quicksight:ListUsers", func(r *store.AuditRecord) { r.ReadOnly = true }),
			`{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAREADER:ben",` +
				`"arn":"arn:aws:sts::111122223333:assumed-role/Reader/ben","accountId":"111122223333","accessKeyId":"ASIAREADER",` +
				`"sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROAREADER","arn":"arn:aws:iam::111122223333:role/teams/Reader",` +
				`"accountId":"111122223333","userName":"Reader"},"attributes":{"creationDate":"2026-01-02T03:00:00Z","mfaAuthenticated":"false"}}},` +
				`"eventTime":"2026-01-02T03:04:05Z","eventSource":"quicksight.amazonaws.com","eventName":"ListUsers","awsRegion":"eu-west-1",` +
				`"sourceIPAddress":"192.0.2.7","userAgent":"aws-cli/2.20","requestParameters":null,"responseElements":null,` + tail +
				`"readOnly":true,` + last},

		{"RefusalOfIAM", of(root, "iam:AttachUserPolicy", func(r *store.AuditRecord) {
			r.UserAgent = ""
			r.ErrorCode, r.ErrorMessage = "NoSuchEntity", `The user with name "bob" cannot be found.`
			r.Parameters = `{"userName":"bob"}`
			r.Resource = "arn:aws:iam::111122223333:user/bob"
		}), `{"eventVersion":"1.11","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root",` +
			`"accountId":"111122223333","accessKeyId":"AKIAROOT"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com",` +
			`"eventName":"AttachUserPolicy","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","errorCode":"NoSuchEntity",` +
			`"errorMessage":"The user with name \"bob\" cannot be found.","requestParameters":{"userName":"bob"},"responseElements":null,` + tail +
			`"readOnly":false,"resources":[{"accountId":"111122223333","type":"AWS::IAM::User","ARN":"arn:aws:iam::111122223333:user/bob"}],` + last},

		{"UsersOwnSession", of(inSession(alice), "sts:AssumeRole", func(r *store.AuditRecord) {
			r.Resource = "arn:aws:iam::444455556666:role/Reader"
		}), `{"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDAALICE","arn":"arn:aws:iam::111122223333:user/ops/alice",` +
			`"accountId":"111122223333","accessKeyId":"ASIAOWN","userName":"alice","sessionContext":{"attributes":` +
			`{"creationDate":"2026-01-02T03:59:59Z","mfaAuthenticated":"false"}}},"eventTime":"2026-01-02T03:04:05Z",` +
			`"eventSource":"sts.amazonaws.com","eventName":"AssumeRole","awsRegion":"eu-west-1","sourceIPAddress":"192.0.2.7",` +
			`"userAgent":"aws-cli/2.20","requestParameters":null,"responseElements":null,` + tail +
			`"readOnly":false,"resources":[{"accountId":"444455556666","type":"AWS::IAM::Role","ARN":"arn:aws:iam::444455556666:role/Reader"}],` + last},

		{"RootsOwnSession", of(inSession(root), "rollcall:ListAuditRecords", func(r *store.AuditRecord) {
			r.ReadOnly = true
			r.SourceIP = "2001:db8::1"
		}), `{"eventVersion":"1.11","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root",` +
			`"accountId":"111122223333","accessKeyId":"ASIAOWN","sessionContext":{"attributes":` +
			`{"creationDate":"2026-01-02T03:59:59Z","mfaAuthenticated":"false"}}},"eventTime":"2026-01-02T03:04:05Z",` +
			`"eventSource":"rollcall.amazonaws.com","eventName":"ListAuditRecords","awsRegion":"eu-west-1","sourceIPAddress":"2001:db8::1",` +
			`"userAgent":"aws-cli/2.20","requestParameters":null,"responseElements":null,` + tail +
			`"readOnly":true,` + last},

		{"PolicyOfAWSAndBrokenText", of(root, "iam:GetPolicy", func(r *store.AuditRecord) {
			r.ReadOnly = true
			r.UserAgent = "a\xffb"
			r.Resource = "arn:aws:iam::aws:policy/AdministratorAccess"
		}), `{"eventVersion":"1.11","userIdentity":{"type":"Root","principalId":"111122223333","arn":"arn:aws:iam::111122223333:root",` +
			`"accountId":"111122223333","accessKeyId":"AKIAROOT"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"iam.amazonaws.com",` +
			`"eventName":"GetPolicy","awsRegion":"us-east-1","sourceIPAddress":"192.0.2.7","userAgent":"a` + "\uFFFD" + `b",` +
			`"requestParameters":null,"responseElements":null,` + tail +
			`"readOnly":true,"resources":[{"accountId":"aws","type":"AWS::IAM::Policy","ARN":"arn:aws:iam::aws:policy/AdministratorAccess"}],` + last},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, string(audit.Render(&tt.record))); diff != "" {
				t.Error(diff)
			}
		})
	}
}
