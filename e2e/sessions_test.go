package e2e

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/quicksight/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	ststypes "github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"

	"rollcall/rollcalltest"
)

// presigned is a URL of quicksight:ListUsers.
func (f *fixture) presigned(t testing.TB, key aws.Credentials) string {
	t.Helper()
	list := f.srv.URL + "/accounts/" + *f.account + "/namespaces/default/users?X-Amz-Expires=900"
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, list, nil)
	ok(t, err)
	empty := sha256.Sum256(nil)
	url, _, err := v4.NewSigner().PresignHTTP(t.Context(), key, r, hex.EncodeToString(empty[:]), "quicksight", f.srv.Region, time.Now())
	ok(t, err)
	return url
}

// get gives the status of a URL and the error there.
func (f *fixture) get(t testing.TB, url string) (status int, code string) {
	t.Helper()
	resp, err := f.http.Get(url)
	ok(t, err)
	resp.Body.Close()
	return resp.StatusCode, resp.Header.Get("X-Amzn-Errortype")
}

func TestSessionCredentialsWorkInTheHeaderAndInAURL(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("sts:AssumeRole", "quicksight:ListUsers"))
	f.role(t, "reading", allow("quicksight:ListUsers"))
	own, err := ana.sts.GetSessionToken(t.Context(), nil)
	ok(t, err)
	for whose, c := range map[string]*caller{"a role's": f.assume(t, ana, "reading", "ana"), "a user's own": f.withKey(own.Credentials)} {
		t.Run(whose, func(t *testing.T) {
			ok(t, f.listAs(t, c))
			url := f.presigned(t, c.key)
			if status, code := f.get(t, url); status != http.StatusOK {
				t.Errorf("the URL gives %d %s", status, code)
			}
			// The token is signed for: a URL with none, or another, is no good.
			before, token, _ := strings.Cut(url, "X-Amz-Security-Token=")
			_, after, _ := strings.Cut(token, "&")
			for _, changed := range []string{before + after, before + "X-Amz-Security-Token=AAAA&" + after} {
				if status, code := f.get(t, changed); status != http.StatusForbidden || code != "UnrecognizedClientException" {
					t.Errorf("a changed URL gives %d %s", status, code)
				}
			}
		})
	}
}

func TestSessionCredentialsDieAtTheirTime(t *testing.T) {
	t.Parallel()
	// SDKs sign with the time of the machine, from which the server's may
	// differ by 15 minutes: as long as the shortest session lasts.
	var ahead atomic.Int64
	ahead.Store(int64(-10 * time.Minute))
	f := newStrictFixture(t, &rollcalltest.Options{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	ana := f.person(t, "ana", allow("*"))
	f.role(t, "reading", allow("*"))
	out, err := ana.sts.AssumeRole(t.Context(), f.assuming("reading", "ana", lasting(15*time.Minute)))
	ok(t, err)
	if left := time.Until(*out.Credentials.Expiration); left < 4*time.Minute || left > 5*time.Minute {
		t.Errorf("the session ends in %v, want 15 minutes from the server's time", left)
	}
	own, err := ana.sts.GetSessionToken(t.Context(), &sts.GetSessionTokenInput{DurationSeconds: aws.Int32(900)})
	ok(t, err)
	sessions := map[string]*caller{"a role's": f.withKey(out.Credentials), "a user's own": f.withKey(own.Credentials)}
	urls := map[string]string{}
	for whose, c := range sessions {
		ok(t, f.listAs(t, c))
		urls[whose] = f.presigned(t, c.key)
	}
	ahead.Store(int64(4 * time.Minute))
	for _, c := range sessions {
		ok(t, f.listAs(t, c))
	}
	ahead.Store(int64(6 * time.Minute))
	for whose, c := range sessions {
		t.Run(whose, func(t *testing.T) {
			f.refusedEverywhere(t, c, "ExpiredTokenException", "ExpiredToken", expiredToken)
			url := f.presigned(t, c.key)
			if status, code := f.get(t, url); status != http.StatusForbidden || code != "ExpiredTokenException" {
				t.Errorf("a URL gives %d %s", status, code)
			}
			if status, code := f.get(t, urls[whose]); status != http.StatusForbidden {
				t.Errorf("the URL from before gives %d %s", status, code)
			}
		})
	}
	ok(t, f.listAs(t, ana))
}

func TestSessionsDieWithTheirRole(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("sts:AssumeRole"))
	f.role(t, "reading", allow("*"))
	session := f.assume(t, ana, "reading", "ana")
	own := f.assume(t, session, "reading", "again") // of the session itself
	ok(t, f.listAs(t, session))
	f.unmade(t, "reading")
	f.unknown(t, session)
	f.role(t, "reading", allow("*"))
	f.unknown(t, session)
	f.unknown(t, own)
	ok(t, f.listAs(t, f.assume(t, ana, "reading", "ana")))
}

func TestSessionsDieWithTheirUser(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana")
	_, err := f.root.iam.AttachUserPolicy(t.Context(), &iam.AttachUserPolicyInput{UserName: aws.String("ana"), PolicyArn: aws.String(administratorAccess)})
	ok(t, err)
	out, err := ana.sts.GetSessionToken(t.Context(), nil)
	ok(t, err)
	own := f.withKey(out.Credentials)
	ok(t, f.listAs(t, own))
	_, err = f.root.iam.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: aws.String("ana"), AccessKeyId: &ana.key.AccessKeyID})
	ok(t, err)
	ok(t, f.listAs(t, own)) // AWS does not end them with the key
	_, err = f.root.iam.DetachUserPolicy(t.Context(), &iam.DetachUserPolicyInput{UserName: aws.String("ana"), PolicyArn: aws.String(administratorAccess)})
	ok(t, err)
	refused[*types.AccessDeniedException](t, f.listAs(t, own), http.StatusForbidden)
	_, err = f.root.iam.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("ana")})
	ok(t, err)
	f.unknown(t, own)
}

func TestTokensThatAreNotTheirsAreUnknown(t *testing.T) {
	t.Parallel()
	f, abroad := newStrictFixture(t, nil), newStrictFixture(t, nil)
	session := func(f *fixture) aws.Credentials {
		f.role(t, "reading", allow("*"))
		return f.assume(t, f.person(t, "ana", allow("sts:AssumeRole")), "reading", "ana").key
	}
	ours, foreign := session(f), session(abroad)
	other := f.assume(t, f.person(t, "ben", allow("sts:AssumeRole")), "reading", "ben").key
	token := ours.SessionToken
	altered := func(at int) string {
		b := []byte(token)
		b[at] = map[bool]byte{true: 'B', false: 'A'}[b[at] == 'A']
		return string(b)
	}
	ok(t, f.listAs(t, f.as(ours.AccessKeyID, ours.SecretAccessKey, token)))
	for what, key := range map[string]aws.Credentials{
		"none":                        {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey},
		"made up":                     {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: "token"},
		"the first half":              {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: token[:len(token)/2/4*4]},
		"but the last character":      {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: token[:len(token)-1]},
		"with the first changed":      {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: altered(0)},
		"with one in the middle":      {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: altered(len(token) / 2)},
		"twice":                       {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: token + token},
		"too long":                    {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: strings.Repeat("A", 8000)},
		"another's":                   {AccessKeyID: ours.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: other.SessionToken},
		"another's with his key's id": {AccessKeyID: other.AccessKeyID, SecretAccessKey: ours.SecretAccessKey, SessionToken: token},
		"of another server":           foreign,
		"with a long-term key":        {AccessKeyID: f.srv.AccessKeyID, SecretAccessKey: f.srv.SecretAccessKey, SessionToken: token},
	} {
		t.Run(what, func(t *testing.T) {
			f.unknown(t, f.as(key.AccessKeyID, key.SecretAccessKey, key.SessionToken))
		})
	}
}

func TestAccessKeysStopAtOnce(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("*"))
	set := func(status iamtypes.StatusType) {
		_, err := f.root.iam.UpdateAccessKey(t.Context(), &iam.UpdateAccessKeyInput{
			UserName: aws.String("ana"), AccessKeyId: &ana.key.AccessKeyID, Status: status})
		ok(t, err)
	}
	ok(t, f.listAs(t, ana))
	set(iamtypes.StatusTypeInactive)
	f.unknown(t, ana)
	set(iamtypes.StatusTypeActive)
	ok(t, f.listAs(t, ana))
	_, err := f.root.iam.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: aws.String("ana"), AccessKeyId: &ana.key.AccessKeyID})
	ok(t, err)
	f.unknown(t, ana)
}

func TestGetSessionTokenIsNotForIAM(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("*"))
	f.role(t, "reading", allow("*"))
	for who, c := range map[string]*caller{"a user": ana, "root": f.root} {
		t.Run(who, func(t *testing.T) {
			out, err := c.sts.GetSessionToken(t.Context(), nil)
			ok(t, err)
			if want := map[string]time.Duration{"a user": 12 * time.Hour, "root": time.Hour}[who]; !near(*out.Credentials.Expiration, want) {
				t.Errorf("the session ends at %v, want in %v", *out.Credentials.Expiration, want)
			}
			own := f.withKey(out.Credentials)
			ok(t, f.listAs(t, own))
			if got, want := *own.identity(t).Arn, *c.identity(t).Arn; got != want {
				t.Errorf("the session is %s, want %s", got, want)
			}
			_, err = own.iam.ListUsers(t.Context(), nil)
			unmodelled(t, err, http.StatusForbidden, "InvalidClientTokenId", invalidToken)
			_, err = own.sts.GetSessionToken(t.Context(), nil)
			unmodelled(t, err, http.StatusForbidden, "AccessDenied", "Cannot call GetSessionToken with session credentials")
		})
	}
	out, err := ana.sts.GetSessionToken(t.Context(), nil)
	ok(t, err)
	ok(t, f.listAs(t, f.assume(t, f.withKey(out.Credentials), "reading", "ana")))
}

// near says whether a time is in a duration from now, or almost.
func near(at time.Time, in time.Duration) bool { return (time.Until(at) - in).Abs() < time.Minute }

func TestRootAssumesNoRole(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	f.role(t, "reading")
	_, err := f.root.sts.AssumeRole(t.Context(), f.assuming("reading", "root"))
	unmodelled(t, err, http.StatusForbidden, "AccessDenied", "Roles may not be assumed by root accounts.")
}

func TestHowLongASessionLasts(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("sts:AssumeRole"))
	f.role(t, "hour", allow("sts:AssumeRole"))
	f.roleWith(t, "day", func(in *iam.CreateRoleInput) { in.MaxSessionDuration = aws.Int32(12 * 3600) }, allow("sts:AssumeRole"))
	const (
		tooLong = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
		chained = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
	)
	session := f.assume(t, ana, "hour", "ana")
	for what, tt := range map[string]struct {
		by   *caller
		role string
		ask  time.Duration
		want string // refusal
	}{
		"the shortest":              {ana, "hour", 15 * time.Minute, ""},
		"an hour":                   {ana, "hour", time.Hour, ""},
		"over an hour":              {ana, "hour", time.Hour + time.Second, tooLong},
		"what the role allows":      {ana, "day", 12 * time.Hour, ""},
		"an hour, chained":          {session, "day", time.Hour, ""},
		"over an hour, chained":     {session, "day", time.Hour + time.Second, chained},
		"less than there is":        {ana, "hour", 15*time.Minute - time.Second, "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900"},
		"more than any role's":      {ana, "day", 12*time.Hour + time.Second, "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"},
		"an hour by the role's own": {f.assume(t, ana, "day", "ana"), "day", time.Hour, ""},
	} {
		t.Run(what, func(t *testing.T) {
			out, err := tt.by.sts.AssumeRole(t.Context(), f.assuming(tt.role, "ana", lasting(tt.ask)))
			if tt.want != "" {
				unmodelled(t, err, http.StatusBadRequest, "ValidationError", tt.want)
				return
			}
			ok(t, err)
			if !near(*out.Credentials.Expiration, tt.ask) {
				t.Errorf("the session ends at %v, want in %v", *out.Credentials.Expiration, tt.ask)
			}
		})
	}
	out, err := ana.sts.AssumeRole(t.Context(), f.assuming("day", "ana"))
	ok(t, err)
	if !near(*out.Credentials.Expiration, time.Hour) {
		t.Errorf("a session of no given length ends at %v", *out.Credentials.Expiration)
	}
}

// assumeDenied checks that somebody may not assume a role, in the words of AWS.
func (f *fixture) assumeDenied(t testing.TB, by *caller, action, role string, change ...func(*sts.AssumeRoleInput)) {
	t.Helper()
	_, err := by.sts.AssumeRole(t.Context(), f.assuming(role, "ana", change...))
	unmodelled(t, err, http.StatusForbidden, "AccessDenied", "User: "+*by.identity(t).Arn+
		" is not authorized to perform: "+action+" on resource: "+f.iamARN("role/"+role))
}

func TestWhomARoleTrusts(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana")
	eve := f.person(t, "eve")
	may := f.person(t, "may", allow("sts:AssumeRole"))
	deniedOne := f.person(t, "don", deny("sts:AssumeRole"))
	trust := func(name string, by ...statement) {
		f.roleWith(t, name, func(in *iam.CreateRoleInput) { in.AssumeRolePolicyDocument = document(by...) }, allow("sts:AssumeRole"))
	}
	trust("anas", trusting(f.iamARN("user/ana"), f.iamARN("user/don")))
	trust("accounts", trusting(f.iamARN("root")))
	trust("chained", trusting(f.iamARN("role/anas")))
	trust("partner", trusting(f.iamARN("user/ana")).when("StringEquals", "sts:ExternalId", "4711"))

	session := f.assume(t, ana, "anas", "ana") // trust in a user suffices
	f.assume(t, may, "accounts", "may")        // trust in the account needs his own policy too
	f.assume(t, session, "chained", "ana")
	external := func(id string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.ExternalId = &id }
	}
	f.assume(t, ana, "partner", "ana", external("4711"))

	f.assumeDenied(t, eve, "sts:AssumeRole", "anas")
	f.assumeDenied(t, may, "sts:AssumeRole", "anas")
	f.assumeDenied(t, deniedOne, "sts:AssumeRole", "anas")
	f.assumeDenied(t, ana, "sts:AssumeRole", "accounts")
	f.assumeDenied(t, ana, "sts:AssumeRole", "chained")
	f.assumeDenied(t, ana, "sts:AssumeRole", "partner")
	f.assumeDenied(t, ana, "sts:AssumeRole", "partner", external("4712"))
	f.assumeDenied(t, may, "sts:AssumeRole", "partner", external("4711"))
	f.assumeDenied(t, may, "sts:AssumeRole", "nothing")

	// Who trusted ana does not trust the next of that name.
	_, err := f.root.iam.DeleteAccessKey(t.Context(), &iam.DeleteAccessKeyInput{UserName: aws.String("ana"), AccessKeyId: &ana.key.AccessKeyID})
	ok(t, err)
	_, err = f.root.iam.DeleteUser(t.Context(), &iam.DeleteUserInput{UserName: aws.String("ana")})
	ok(t, err)
	f.assumeDenied(t, f.person(t, "ana"), "sts:AssumeRole", "anas")
}

func TestSessionTagsDecideAndAreHandedOn(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("sts:AssumeRole", "sts:TagSession"))
	blue := allow("quicksight:ListUsers").when("StringEquals", "aws:PrincipalTag/team", "blue")
	f.roleWith(t, "first", func(in *iam.CreateRoleInput) {
		in.Tags = []iamtypes.Tag{{Key: aws.String("team"), Value: aws.String("red")}}
	}, blue, allow("sts:AssumeRole", "sts:TagSession"))
	f.role(t, "second", blue, allow("sts:AssumeRole", "sts:TagSession"))
	f.roleWith(t, "untagged", func(in *iam.CreateRoleInput) {
		in.AssumeRolePolicyDocument = document(trusting(*f.account).with("Action", "sts:AssumeRole"))
	})
	transitive := func(keys ...string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.TransitiveTagKeys = keys }
	}
	denied := func(t testing.TB, c *caller) {
		t.Helper()
		refused[*types.AccessDeniedException](t, f.listAs(t, c), http.StatusForbidden)
	}

	denied(t, f.assume(t, ana, "first", "ana"))
	denied(t, f.assume(t, ana, "first", "ana", tagged("team", "green")))
	passing := f.assume(t, ana, "first", "ana", tagged("team", "blue"))
	ok(t, f.listAs(t, passing))
	ok(t, f.listAs(t, f.assume(t, ana, "first", "ana", tagged("TEAM", "blue")))) // keys are the same in any case
	handing := f.assume(t, ana, "first", "ana", tagged("team", "blue", "cost", "1"), transitive("team"))

	denied(t, f.assume(t, passing, "second", "ana"))
	second := f.assume(t, handing, "second", "ana")
	ok(t, f.listAs(t, second))
	ok(t, f.listAs(t, f.assume(t, second, "second", "ana"))) // and on

	f.assumeDenied(t, ana, "sts:TagSession", "untagged", tagged("team", "blue"))
	f.assume(t, ana, "untagged", "ana")
	for what, by := range map[string]*sts.AssumeRoleInput{
		"a transitive tag that is set again": f.assuming("second", "ana", tagged("Team", "red")),
		"a transitive key without a tag":     f.assuming("second", "ana", tagged("cost", "1"), transitive("team")),
	} {
		t.Run(what, func(t *testing.T) {
			_, err := handing.sts.AssumeRole(t.Context(), by)
			e := refused[smithy.APIError](t, err, http.StatusBadRequest)
			if e.ErrorCode() != "ValidationError" || !strings.Contains(e.ErrorMessage(), "transitive tag") {
				t.Errorf("%v", err)
			}
		})
	}
}

// random is text that can't be packed.
func random(length int) *string {
	s := ""
	for len(s) < length {
		s += rand.Text()
	}
	return aws.String(s[:length])
}

func TestTagsAndPoliciesHaveToFitIntoAToken(t *testing.T) {
	t.Parallel()
	f := newStrictFixture(t, nil)
	ana := f.person(t, "ana", allow("sts:AssumeRole", "sts:TagSession"))
	f.role(t, "reading", allow("*"))
	sized := func(tags, value int) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) {
			for range tags {
				in.Tags = append(in.Tags, ststypes.Tag{Key: random(min(value, 128)), Value: random(value)})
			}
		}
	}
	policy := func(size int) func(*sts.AssumeRoleInput) {
		sid := size - len(*document(allow("quicksight:ListUsers").with("Sid", "")))
		return limited(allow("quicksight:ListUsers").with("Sid", *random(sid)))
	}
	longest := func(in *sts.AssumeRoleInput) {
		policy(2048)(in)
		for i := range 10 {
			in.PolicyArns = append(in.PolicyArns, ststypes.PolicyDescriptorType{Arn: f.managed(t, fmt.Sprint(*random(64), i), allow("*"))})
		}
	}

	_, err := ana.sts.AssumeRole(t.Context(), f.assuming("reading", "ana", sized(50, 256), longest))
	var size int
	if _, err := fmt.Sscanf(refused[*ststypes.PackedPolicyTooLargeException](t, err, http.StatusBadRequest).ErrorMessage(),
		"Packed size of session tags and policies consumes %d%% of allotted space.", &size); err != nil || size <= 100 {
		t.Errorf("%v: %d %%", err, size)
	}
	out, err := ana.sts.AssumeRole(t.Context(), f.assuming("reading", "ana", sized(50, 8), limited(allow("quicksight:ListUsers"))))
	ok(t, err)
	if n := len(*out.Credentials.SessionToken); n > 4096 {
		t.Errorf("the token has %d bytes", n)
	}
	ok(t, f.listAs(t, f.withKey(out.Credentials)))

	for what, tt := range map[string]struct {
		change func(*sts.AssumeRoleInput)
		code   string // "": not known of AWS
	}{
		"51 tags":             {sized(51, 8), "ValidationError"},
		"a key twice":         {tagged("team", "blue", "Team", "red"), ""},
		"a policy of 2049":    {policy(2049), "ValidationError"},
		"11 managed policies": {func(in *sts.AssumeRoleInput) { longest(in); in.PolicyArns = append(in.PolicyArns, in.PolicyArns[0]) }, "ValidationError"},
		"a policy of nothing": {func(in *sts.AssumeRoleInput) { in.Policy = aws.String("{}") }, "MalformedPolicyDocument"},
		"an absent policy": {func(in *sts.AssumeRoleInput) {
			in.PolicyArns = []ststypes.PolicyDescriptorType{{Arn: aws.String(f.iamARN("policy/none"))}}
		}, "ValidationError"},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := ana.sts.AssumeRole(t.Context(), f.assuming("reading", "ana", tt.change))
			if e := refused[smithy.APIError](t, err, http.StatusBadRequest); tt.code != "" && e.ErrorCode() != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}
