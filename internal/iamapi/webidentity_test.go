package iamapi_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/internal/iam"
	"rollcall/internal/server"
	"rollcall/internal/store"
)

// users is QuickSight's list of users.
const users = "/accounts/" + account + "/namespaces/default/users"

func TestAProvidersTokenMakesARolesSession(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/", "/realms/Sales"} {
		f := newFederated(t, path)
		f.OK(t, "iam", "PutRolePolicy", "RoleName", "web", "PolicyName", "p", "PolicyDocument", `{"Version":"2012-10-17","Statement":{
			"Effect":"Allow","Action":["quicksight:ListUsers","iam:ListUsers"],"Resource":"*",
			"Condition":{"StringEquals":{"aws:FederatedProvider":"`+f.idp.arn()+`"}}}}`)
		session, a := f.assumed(t, "web", f.idp.token(t, nil))
		arn := "arn:aws:sts::" + account + ":assumed-role/web/ana"
		for element, want := range map[string]string{
			"SubjectFromWebIdentityToken": "ana-1", "Audience": "app", "Provider": f.idp.issuer(), "Arn": arn,
			"PackedPolicySize": "", "SourceIdentity": "",
		} {
			if got := a.Get(element); got != want {
				t.Errorf("%s is %q, want %q", element, got, want)
			}
		}
		if id := a.Get("AssumedRoleId"); !strings.HasPrefix(id, "AROA") || !strings.HasSuffix(id, ":ana") || !strings.HasPrefix(session.AccessKeyID, "ASIA") {
			t.Error(a.Text)
		}
		expires(t, a, time.Hour)
		who := session.OK(t, "sts", "GetCallerIdentity")
		if who.Get("Arn") != arn || who.Get("UserId") != a.Get("AssumedRoleId") || who.Get("Account") != account {
			t.Error(who.Text)
		}
		session.OK(t, "iam", "ListUsers")
		if a := session.Query(t, "iam", "ListRoles"); a.Error.Code != "AccessDenied" {
			t.Error(a.Text)
		}
		if a := session.Call(t, "GET", users, ""); a.Status != 200 {
			t.Error(a.Text)
		}
		if a := session.Call(t, "GET", users+"/ana", ""); a.Status != 403 || a.Code() != "AccessDeniedException" {
			t.Error(a.Text)
		}
	}
}

func expires(t *testing.T, a apitest.XML, after time.Duration) {
	t.Helper()
	at, err := time.Parse(time.RFC3339, a.Get("Expiration"))
	if left := time.Until(at); err != nil || left > after || left < after-time.Minute {
		t.Errorf("the session ends in %v, want %v: %v", left, after, err)
	}
}

func TestConditionsOfTrustInAProvider(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"", "/realms/Sales"} {
		f := newFederated(t, path)
		key := func(name string) string { return f.idp.name() + ":" + name }
		for name, tt := range map[string]struct {
			conditions, token claims
			trusted           bool
		}{
			"Audience":            {claims{"StringEquals": claims{key("aud"): "app"}}, nil, true},
			"AnotherAudience":     {claims{"StringEquals": claims{key("aud"): "other"}}, nil, false},
			"OneOfTwoAudiences":   {claims{"StringEquals": claims{key("aud"): "app"}}, claims{"aud": is("stranger", "app")}, true},
			"AuthorizedParty":     {claims{"StringEquals": claims{key("aud"): "mobile"}}, claims{"azp": "mobile"}, true},
			"AuthorizedPartyOver": {claims{"StringEquals": claims{key("aud"): "app"}}, claims{"azp": "mobile"}, false},
			"Subject":             {claims{"StringLike": claims{key("sub"): "ana-*"}}, nil, true},
			"AnotherSubject":      {claims{"StringEquals": claims{key("sub"): "Ana-1"}}, nil, false},
			"KeyInAnotherCase":    {claims{"StringEquals": claims{strings.ToUpper(key("sub")): "ana-1"}}, nil, true},
			"KeyOfAnother":        {claims{"StringEquals": claims{"id.example.com:sub": "ana-1"}}, nil, false},
			"Methods":             {claims{"ForAnyValue:StringEquals": claims{key("amr"): "otp"}}, claims{"amr": is("pwd", "otp")}, true},
			"OtherMethods":        {claims{"ForAnyValue:StringEquals": claims{key("amr"): "otp"}}, claims{"amr": is("pwd")}, false},
			"NoMethods":           {claims{"ForAnyValue:StringEquals": claims{key("amr"): "otp"}}, nil, false},
			"SessionName":         {claims{"StringEquals": claims{"sts:RoleSessionName": "ana"}}, nil, true},
			"AnotherSessionName":  {claims{"StringEquals": claims{"sts:RoleSessionName": "ben"}}, nil, false},
			"SubjectAsName":       {claims{"StringEquals": claims{"sts:RoleSessionName": "${" + key("sub") + "}"}}, claims{"sub": "ana"}, true},
			"AnotherSubjectsName": {claims{"StringEquals": claims{"sts:RoleSessionName": "${" + key("sub") + "}"}}, nil, false},
			"Address":             {claims{"IpAddress": claims{"aws:SourceIp": "127.0.0.1"}}, nil, true},
			"NoPrincipal":         {claims{"Null": claims{"aws:PrincipalArn": "true", "aws:userid": "true", "aws:PrincipalAccount": "true"}}, nil, true},
			"NoSession":           {claims{"Null": claims{"aws:TokenIssueTime": "true", "aws:FederatedProvider": "true"}}, nil, true},
		} {
			f.role(t, name, trustIn(f.idp.arn(), tt.conditions))
			want := map[bool]string{true: "", false: refusedWeb("sts:AssumeRoleWithWebIdentity")}[tt.trusted]
			if got := outcome(f.assume(t, name, f.idp.token(t, tt.token))); got != want {
				t.Errorf("%s: %s, want %q", name, got, want)
			}
		}
	}
}

// Only who names the provider trusts it, and only for this operation.
func TestWhoDoesNotTrustTheProvider(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	statement := func(principal string, actions ...string) string {
		return `{"Effect":"Allow","Principal":` + principal + `,"Action":["` + strings.Join(actions, `","`) + `"]}`
	}
	document := func(statements ...string) string {
		return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	}
	web, provider := "sts:AssumeRoleWithWebIdentity", `{"Federated":"`+f.idp.arn()+`"}`
	for name, trust := range map[string]string{
		"everyone":   document(statement(`"*"`, web, "sts:AssumeRole")),
		"everyAWS":   document(statement(`{"AWS":"*"}`, web)),
		"account":    document(statement(`{"AWS":"`+account+`"}`, web)),
		"another":    document(statement(`{"Federated":"`+providerARN("id.example.com")+`"}`, web)),
		"longer":     document(statement(`{"Federated":"`+f.idp.arn()+`/"}`, web)),
		"elsewhere":  document(statement(`{"Federated":"arn:aws:iam::444455556666:oidc-provider/`+f.idp.name()+`"}`, web)),
		"cognito":    document(statement(`{"Federated":"`+iam.CognitoProvider+`"}`, web)),
		"assumeRole": document(statement(provider, "sts:AssumeRole", "sts:TagSession")),
		"denied":     document(statement(provider, web), strings.Replace(statement(provider, web), "Allow", "Deny", 1)),
		"deniedAll":  document(statement(provider, web), strings.Replace(statement(`"*"`, web), "Allow", "Deny", 1)),
	} {
		f.role(t, name, trust)
		if got := outcome(f.assume(t, name, f.idp.token(t, nil))); got != refusedWeb(web) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, arn := range map[string]string{
		"missing role": ofAccount + "role/none", "another path": ofAccount + "role/team/web", "another account": "arn:aws:iam::444455556666:role/web",
	} {
		if got := outcome(f.assume(t, "web", f.idp.token(t, nil), "RoleArn", arn)); got != refusedWeb(web) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestSessionTagsOfATokenHaveToBeTrusted(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	web, tag, source := "sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"
	f.role(t, "tagged", trustIn(f.idp.arn(), nil, web, tag))
	f.role(t, "sourced", trustIn(f.idp.arn(), nil, web, source))
	f.role(t, "mail", trustIn(f.idp.arn(), claims{"StringLike": claims{"aws:RequestTag/Email": "*@example.com"}}, web, tag))
	tags := func(tags, more claims) claims {
		return claims{"https://aws.amazon.com/tags": mergeClaims(claims{"principal_tags": tags}, more)}
	}
	mail := tags(claims{"Email": is("ana@example.com")}, nil)
	flat := claims{"https://aws.amazon.com/tags/principal_tags/Email": "ana@example.com"}
	ana := claims{"https://aws.amazon.com/source_identity": "ana"}
	bad := "400 InvalidIdentityToken "
	for name, tt := range map[string]struct {
		role  string
		token claims
		want  string
	}{
		"Tags":              {"tagged", mail, ""},
		"FlatTags":          {"tagged", flat, ""},
		"TagsUntrusted":     {"web", mail, refusedWeb(tag)},
		"FlatTagsUntrusted": {"web", flat, refusedWeb(tag)},
		"RequestTag":        {"mail", mail, ""},
		"AnotherTag":        {"mail", tags(claims{"Email": is("ana@example.org")}, nil), refusedWeb(web)},
		"NoTag":             {"mail", nil, refusedWeb(web)},
		"Source":            {"sourced", ana, ""},
		"SourceUntrusted":   {"tagged", ana, refusedWeb(source)},
		"SourceTooShort":    {"sourced", claims{"https://aws.amazon.com/source_identity": "a"}, bad + "The source identity in the token is not valid."},
		"SourceOfSpaces":    {"sourced", claims{"https://aws.amazon.com/source_identity": "a b"}, bad + "The source identity in the token is not valid."},
		"Reserved":          {"tagged", tags(claims{"aws:Email": is("a")}, nil), bad + "Tag keys that begin with aws: are reserved."},
		"Doubled":           {"tagged", tags(claims{"a": is("1"), "A": is("2")}, nil), bad + "Duplicate tag keys found. Please note that Tag keys are case insensitive."},
		"Characters":        {"tagged", tags(claims{"a*": is("1")}, nil), bad + "The session tags in the token have characters that tags can't have."},
		"CharactersOfValue": {"tagged", tags(claims{"a": is("\n")}, nil), bad + "The session tags in the token have characters that tags can't have."},
		"TwoValues": {"tagged", tags(claims{"a": is("1", "2")}, nil),
			bad + `the session tags or the source identity in the token are wrong: "a" has 2 values instead of one`},
		"TransitiveOfNone": {"tagged", tags(nil, claims{"transitive_tag_keys": is("a")}),
			"400 ValidationError The specified transitive tag key must be included in the requested tags."},
	} {
		if got := outcome(f.assume(t, tt.role, f.idp.token(t, tt.token))); got != tt.want {
			t.Errorf("%s: %s, want %q", name, got, tt.want)
		}
	}
	_, a := f.assumed(t, "sourced", f.idp.token(t, ana))
	if a.Get("SourceIdentity") != "ana" || a.Get("PackedPolicySize") != "" {
		t.Error(a.Text)
	}
	f.role(t, "next", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+account+`"},"Action":["sts:AssumeRole","sts:TagSession"],
		"Condition":{"StringEquals":{"aws:PrincipalTag/Email":"ana@example.com"}}}}`)
	f.OK(t, "iam", "PutRolePolicy", "RoleName", "tagged", "PolicyName", "p", "PolicyDocument", may("*", "sts:*"))
	f.OK(t, "iam", "PutRolePolicy", "RoleName", "next", "PolicyName", "p", "PolicyDocument", `{"Version":"2012-10-17","Statement":{
		"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/email":"ana@example.com"}}}}`)
	for transitive, want := range map[string]int{"Email": 200, "Team": 403} {
		session, a := f.assumed(t, "tagged", f.idp.token(t, tags(claims{"Email": is("ana@example.com"), "Team": is("x")}, claims{"transitive_tag_keys": is(transitive)})))
		if a.Get("PackedPolicySize") == "" {
			t.Error(a.Text)
		}
		next := session.As(session.OK(t, "sts", "AssumeRole", "RoleArn", ofAccount+"role/next", "RoleSessionName", "on"))
		if a := next.Query(t, "iam", "ListUsers"); a.Status != want {
			t.Errorf("transitive %s: %d %s", transitive, a.Status, a.Text)
		}
	}
}

func mergeClaims(all ...claims) claims {
	merged := claims{}
	for _, one := range all {
		for name, value := range one {
			if value != nil {
				merged[name] = value
			}
		}
	}
	return merged
}

func TestLengthAndPoliciesOfAWebSession(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	f.OK(t, "iam", "PutRolePolicy", "RoleName", "web", "PolicyName", "p", "PolicyDocument", allowAll)
	f.role(t, "long", trustIn(f.idp.arn(), nil), "MaxSessionDuration", "43200")
	f.OK(t, "iam", "CreatePolicy", "PolicyName", "lists", "PolicyDocument", may("*", "iam:ListUsers", "iam:ListRoles"))
	token := f.idp.token(t, nil)
	tooLong := "400 ValidationError The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
	for _, tt := range []struct{ role, seconds, want string }{
		{"web", "900", ""}, {"web", "3600", ""}, {"web", "3601", tooLong}, {"long", "43200", ""}, {"none", "43200", refusedWeb("sts:AssumeRoleWithWebIdentity")},
	} {
		a := f.assume(t, tt.role, token, "DurationSeconds", tt.seconds)
		if got := outcome(a); got != tt.want {
			t.Errorf("%s %s: %s", tt.role, tt.seconds, got)
		} else if tt.want == "" {
			length, _ := time.ParseDuration(tt.seconds + "s")
			expires(t, a, length)
		}
	}
	session, a := f.assumed(t, "web", token, "Policy", may("*", "iam:ListUsers"), "PolicyArns.member.1.arn", policyARN("lists"))
	if a.Get("PackedPolicySize") == "" {
		t.Error(a.Text)
	}
	session.OK(t, "iam", "ListUsers")
	session.OK(t, "iam", "ListRoles")
	if a := session.Query(t, "iam", "ListPolicies"); a.Error.Code != "AccessDenied" {
		t.Error(a.Text)
	}
	for _, tt := range []struct{ name, value, want string }{
		{"Policy", "{}", "400 MalformedPolicyDocument"},
		{"Policy", allowAll + strings.Repeat(" ", 2048), "400 ValidationError"},
		{"PolicyArns.member.1.arn", policyARN("none"), "400 ValidationError " + policyARN("none") + " is invalid"},
	} {
		if got := outcome(f.assume(t, "web", token, tt.name, tt.value)); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s %.100s: %s", tt.name, tt.value, got)
		}
	}
}

func TestTokensThatAreRefused(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	now := time.Now().Unix()
	good := f.idp.token(t, nil)
	parts := strings.Split(good, ".")
	noJWT := "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
	audience := "Incorrect token audience"
	for name, tt := range map[string]struct{ token, want string }{
		"AccessToken":       {"ya29.opaque", noJWT},
		"NoSignature":       {parts[0] + "." + parts[1] + ".", "*"},
		"Encrypted":         {good + ".a.b", noJWT},
		"SpaceAround":       {good + " ", noJWT},
		"AnotherSubject":    {parts[0] + "." + strings.Split(f.idp.token(t, claims{"sub": "ben"}), ".")[1] + "." + parts[2], "the signature of the token is wrong"},
		"AnotherKey":        {sign(t, jose.RS256, otherKey(), f.idp.claims(nil)), "the signature of the token is wrong"},
		"Secret":            {sign(t, jose.HS256, []byte(strings.Repeat("k", 32)), f.idp.claims(nil)), "the token is not signed with an algorithm that is accepted: \"HS256\""},
		"None":              {"eyJhbGciOiJub25lIn0." + parts[1] + ".", "*"},
		"AnotherIssuer":     {f.idp.token(t, claims{"iss": "https://auth.example.com/"}), "No OpenIDConnect provider found in your account for https://auth.example.com/"},
		"IssuerWithASlash":  {f.idp.token(t, claims{"iss": f.idp.issuer() + "/"}), "No OpenIDConnect provider found in your account for " + f.idp.issuer() + "/"},
		"IssuerOfNoScheme":  {f.idp.token(t, claims{"iss": f.idp.name()}), "No OpenIDConnect provider found in your account for " + f.idp.name()},
		"AnotherAudience":   {f.idp.token(t, claims{"aud": "APP"}), audience},
		"OtherAudiences":    {f.idp.token(t, claims{"aud": is("a", "b")}), audience},
		"PartyIsNoAudience": {f.idp.token(t, claims{"aud": "stranger", "azp": "app"}), audience},
		"PartyIsAStranger":  {f.idp.token(t, claims{"azp": "stranger"}), audience},
		"PartyTooLong":      {f.idp.token(t, claims{"azp": strings.Repeat("a", 256)}), audience},
		"NoSubject":         {f.idp.token(t, claims{"sub": nil}), "the token lacks a claim: sub"},
		"NotYet":            {f.idp.token(t, claims{"nbf": now + 3600}), "*the token is not valid yet: "},
		"FromTheFuture":     {f.idp.token(t, claims{"iat": now + 3600, "exp": now + 7200}), "*the token is not valid yet: "},
		"FractionOfASecond": {f.idp.token(t, claims{"exp": float64(now) + 60.5}), noJWT},
	} {
		got := outcome(f.assume(t, "web", tt.token))
		want := "400 InvalidIdentityToken " + tt.want
		if start, open := strings.CutPrefix(tt.want, "*"); open && strings.HasPrefix(got, "400 InvalidIdentityToken "+start) {
			continue
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
	a := f.assume(t, "web", f.idp.token(t, claims{"iat": now - 7200, "exp": now - 3600}))
	if got := outcome(a); !strings.HasPrefix(got, "400 ExpiredTokenException Token expired: current date/time ") ||
		!strings.Contains(got, " must be before the expiration date/time ") {
		t.Error(got)
	}
	if all := f.webEvents(t); len(all) > 0 {
		t.Errorf("tokens that are no good are in the record: %+v", all)
	}
}

func TestRequestsThatAreRefused(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	token := f.idp.token(t, nil)
	for name, tt := range map[string]struct {
		parameters []string
		want       string
	}{
		"ProviderId":   {is("ProviderId", "www.amazon.com"), "400 InvalidIdentityToken ProviderId is for the access tokens of OAuth 2.0 providers, none of which is known here."},
		"NoToken":      {is("WebIdentityToken", ""), "400 ValidationError 1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must not be null"},
		"TokenTooLong": {is("WebIdentityToken", strings.Repeat("t", 20_001)), "400 ValidationError 1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length less than or equal to 20000"},
		"LongestToken": {is("WebIdentityToken", strings.Repeat("t", 20_000)), "400 InvalidIdentityToken The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"},
		"NoRole":       {is("RoleArn", ofAccount+"user/ana/xx"), "400 ValidationError " + ofAccount + "user/ana/xx is invalid"},
		"TooLong":      {is("DurationSeconds", "43201"), "400 ValidationError 1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200"},
	} {
		if got := outcome(f.assume(t, "web", token, tt.parameters...)); got != tt.want {
			t.Errorf("%s: %s\nwant %s", name, got, tt.want)
		}
	}
	a := f.Anonymous(t, "iam", "AssumeRoleWithWebIdentity") // with IAM's version
	if got := outcome(a); got != "400 InvalidAction Could not find operation AssumeRoleWithWebIdentity for version 2010-05-08" {
		t.Error(got)
	}
}

func TestWaysToSendAToken(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	parameters := is("RoleArn", ofAccount+"role/web", "RoleSessionName", "ana", "WebIdentityToken", f.idp.token(t, nil))
	form := apitest.Form("sts", "AssumeRoleWithWebIdentity", parameters...)
	f.OK(t, "sts", "AssumeRoleWithWebIdentity", parameters...) // signed by root
	nobody := f.User(t, "nobody", "")
	nobody.OK(t, "sts", "AssumeRoleWithWebIdentity", parameters...)
	wrong := nobody
	wrong.SecretAccessKey = "wrong"
	if a := wrong.Query(t, "sts", "AssumeRoleWithWebIdentity", parameters...); outcome(a) == "" || a.Error.Code != "SignatureDoesNotMatch" {
		t.Error(a.Text)
	}
	if a := send(t, "GET", f.URL+"/?"+form, nil); a.Status != 200 {
		t.Errorf("GET: %d %s", a.Status, a.Text)
	}
	if a := send(t, "POST", f.URL+"/?"+form, nil); a.Status != 200 {
		t.Errorf("POST with all in the query: %d %s", a.Status, a.Text)
	}
	if text := f.log.String(); strings.Contains(text, parameters[5]) {
		t.Error("the token is in the log")
	}
}

func send(t *testing.T, method, url string, body *strings.Reader, headers ...string) apitest.Answer {
	t.Helper()
	var r *http.Request
	var err error
	if body == nil {
		r, err = http.NewRequestWithContext(t.Context(), method, url, nil)
	} else {
		r, err = http.NewRequestWithContext(t.Context(), method, url, body)
	}
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	if r.Header.Get("X-Chunked") != "" {
		r.ContentLength = -1
	}
	return apitest.Send(t, r)
}

// Nothing else may come unsigned.
func TestOtherUnsignedRequestsLackAToken(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	web := apitest.Form("sts", "AssumeRoleWithWebIdentity", "WebIdentityToken", "none")
	long := web + "&X=" + strings.Repeat("x", 128<<10)
	for name, a := range map[string]apitest.Answer{
		"GetCallerIdentity": f.Anonymous(t, "sts", "GetCallerIdentity").Answer,
		"AssumeRole":        f.Anonymous(t, "sts", "AssumeRole", "RoleArn", ofAccount+"role/web").Answer,
		"CreateUser":        f.Anonymous(t, "iam", "CreateUser", "UserName", "eve").Answer,
		"AnotherCase":       f.Anonymous(t, "sts", "assumeRoleWithWebIdentity").Answer,
		"TwoActions":        send(t, "POST", f.URL+"/?Action=AssumeRoleWithWebIdentity", strings.NewReader(apitest.Form("iam", "CreateUser", "UserName", "eve"))),
		"NoForm":            send(t, "POST", f.URL+"/", strings.NewReader("%zz")),
		"Empty":             send(t, "POST", f.URL+"/", nil),
		"TooLarge":          send(t, "POST", f.URL+"/", strings.NewReader(long)),
		"TooLargeInChunks":  send(t, "POST", f.URL+"/", strings.NewReader(long), "X-Chunked", "1"),
	} {
		if a.Status != 403 || !strings.Contains(a.Text, "<Code>MissingAuthenticationToken</Code>") {
			t.Errorf("%s: %d %s", name, a.Status, a.Text)
		}
	}
	for name, want := range map[string]struct {
		a    apitest.Answer
		code string
	}{
		"Chunks":      {send(t, "POST", f.URL+"/", strings.NewReader(web), "X-Chunked", "1"), "ValidationError"},
		"BadHeader":   {send(t, "POST", f.URL+"/", strings.NewReader(web), "Authorization", "Bearer x"), "IncompleteSignature"},
		"EmptyHeader": {send(t, "POST", f.URL+"/", strings.NewReader(web), "Authorization", ""), "IncompleteSignature"},
		"CrossSite":   {send(t, "POST", f.URL+"/", strings.NewReader(web), "Sec-Fetch-Site", "cross-site"), "AccessDenied"},
		"Presigned":   {send(t, "POST", f.URL+"/?X-Amz-Algorithm=AWS4-HMAC-SHA256", strings.NewReader(web)), "IncompleteSignature"},
	} {
		if !strings.Contains(want.a.Text, "<Code>"+want.code+"</Code>") {
			t.Errorf("%s: %d %s", name, want.a.Status, want.a.Text)
		}
	}
	if n := len(elements(f.OK(t, "iam", "ListUsers"), "UserName")); n != 0 {
		t.Errorf("%d users were made", n)
	}
}

// The cause is for the log alone.
func TestAProviderThatIsDown(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	token := f.idp.token(t, nil)
	f.idp.Close()
	want := "400 IDPCommunicationError Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"
	if got := outcome(f.assume(t, "web", token)); got != want {
		t.Error(got)
	}
	if text := f.log.String(); !strings.Contains(text, "connection refused") || strings.Contains(text, token) {
		t.Errorf("the log: %s", text)
	}
}

func TestWebSessionsEndWithTheirRoleAndNotWithTheProvider(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	token := f.idp.token(t, nil)
	session, _ := f.assumed(t, "web", token)
	f.OK(t, "iam", "DeleteOpenIDConnectProvider", "OpenIDConnectProviderArn", f.idp.arn())
	if got := outcome(f.assume(t, "web", token)); got != "400 InvalidIdentityToken No OpenIDConnect provider found in your account for "+f.idp.issuer() {
		t.Error(got)
	}
	session.OK(t, "sts", "GetCallerIdentity")
	f.OK(t, "iam", "DeleteRole", "RoleName", "web")
	if a := session.Query(t, "sts", "GetCallerIdentity"); a.Error.Code != "InvalidClientTokenId" {
		t.Error(a.Text)
	}
}

// event is what tests look at of a record.
type event struct {
	EventName, ErrorCode, ErrorMessage string
	UserIdentity                       map[string]any
	RequestParameters                  map[string]any
	ResponseElements                   map[string]any
	ReadOnly                           bool
	Resources                          []map[string]string
}

// webEvents are the records of the operation, oldest first.
func (f *federated) webEvents(t *testing.T) (all []event) {
	t.Helper()
	var page struct{ Records []event }
	if err := json.Unmarshal([]byte(records(t, f.Client)), &page); err != nil {
		t.Fatal(err)
	}
	for _, e := range page.Records {
		if e.EventName == "AssumeRoleWithWebIdentity" {
			all = append(all, e)
		}
	}
	return all
}

func TestTheRecordOfWebIdentities(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "/a")
	f.role(t, "closed", trustIn(providerARN("id.example.com"), nil))
	token := f.idp.token(t, nil)
	nobody := f.User(t, "nobody", "")
	session, _ := f.assumed(t, "web", token, "DurationSeconds", "900", "PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/AdministratorAccess")
	f.assume(t, "closed", token)
	nobody.Query(t, "sts", "AssumeRoleWithWebIdentity", "RoleArn", ofAccount+"role/closed", "RoleSessionName", "ana", "WebIdentityToken", token)
	f.assume(t, "web", token, "DurationSeconds", "43200")
	f.assume(t, "web", "garbage")
	f.assume(t, "web", sign(t, jose.RS256, otherKey(), f.idp.claims(nil)))
	f.assume(t, "web", f.idp.token(t, claims{"aud": "x"}))
	nobody.Query(t, "sts", "AssumeRoleWithWebIdentity", "RoleArn", ofAccount+"role/web", "RoleSessionName", "ana", "WebIdentityToken", "garbage")

	all := f.webEvents(t)
	codes := []string{}
	for _, e := range all {
		codes = append(codes, e.ErrorCode)
		want := map[string]any{"type": "WebIdentityUser", "userName": "ana-1", "identityProvider": f.idp.arn(), "principalId": f.idp.arn() + ":app:ana-1"}
		same(t, "userIdentity", want, e.UserIdentity)
		if !e.ReadOnly || e.RequestParameters["roleSessionName"] != "ana" {
			t.Errorf("%+v", e)
		}
	}
	slices.Sort(codes)
	same(t, "codes", []string{"", "AccessDenied", "AccessDenied", "ValidationError"}, codes)
	for _, e := range all {
		switch e.ErrorCode {
		case "AccessDenied":
			same(t, "message", "Not authorized to perform sts:AssumeRoleWithWebIdentity", e.ErrorMessage)
		case "":
			same(t, "parameters", map[string]any{"roleArn": ofAccount + "role/web", "roleSessionName": "ana", "durationSeconds": 900.0,
				"policyArns": []any{map[string]any{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}}}, e.RequestParameters)
			if len(e.Resources) != 1 || e.Resources[0]["ARN"] != ofAccount+"role/web" || e.ResponseElements["assumedRoleUser"] == nil {
				t.Errorf("%+v", e)
			}
		}
	}
	for _, text := range []string{records(t, f.Client), f.log.String()} {
		for _, secret := range []string{token, strings.Split(token, ".")[2], session.SecretAccessKey, session.SessionToken} {
			if strings.Contains(text, secret) {
				t.Errorf("%.20s… is in the record or the log", secret)
			}
		}
	}
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// cognito stands for Amazon Cognito's identity pools with another provider.
func cognito(t *testing.T, f *federated, audiences ...string) {
	t.Helper()
	f.change(t, func(tx store.Tx) error {
		keys, err := json.Marshal(f.idp.jwks())
		if err != nil {
			return err
		}
		return tx.CreateOIDCProvider(store.OIDCProvider{AccountID: account, URL: iam.CognitoProvider, Issuer: "https://pools.example.com",
			ClientIDs: audiences, Keys: keys, CreatedAt: tx.Now()})
	})
}

func TestATokenOfCognito(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	cognito(t, f)
	key := func(name string) string { return iam.CognitoProvider + ":" + name }
	f.role(t, "pool", trustIn(iam.CognitoProvider, claims{
		"StringEquals":           claims{key("aud"): "us-east-1:pool"},
		"ForAnyValue:StringLike": claims{key("amr"): "authenticated"},
	}))
	f.OK(t, "iam", "PutRolePolicy", "RoleName", "pool", "PolicyName", "p", "PolicyDocument", `{"Version":"2012-10-17","Statement":{
		"Effect":"Allow","Action":"iam:ListUsers","Resource":"*","Condition":{"StringEquals":{"aws:FederatedProvider":"`+iam.CognitoProvider+`"}}}}`)
	of := func(changes claims) string {
		return f.idp.token(t, mergeClaims(claims{"iss": "https://pools.example.com", "sub": "us-east-1:ana", "aud": "us-east-1:pool", "amr": is("authenticated", "login.example.com")}, changes))
	}
	session, a := f.assumed(t, "pool", of(nil))
	if a.Get("Provider") != iam.CognitoProvider || a.Get("Audience") != "us-east-1:pool" || a.Get("SubjectFromWebIdentityToken") != "us-east-1:ana" {
		t.Error(a.Text)
	}
	session.OK(t, "iam", "ListUsers")
	for name, tt := range map[string]struct{ role, token, want string }{
		"Unauthenticated":  {"pool", of(claims{"amr": is("unauthenticated")}), refusedWeb("sts:AssumeRoleWithWebIdentity")},
		"AnotherPool":      {"pool", of(claims{"aud": "us-east-1:other"}), refusedWeb("sts:AssumeRoleWithWebIdentity")},
		"AnotherProvider":  {"pool", f.idp.token(t, claims{"aud": "app"}), refusedWeb("sts:AssumeRoleWithWebIdentity")},
		"AProvidersRole":   {"web", of(nil), refusedWeb("sts:AssumeRoleWithWebIdentity")},
		"AmazonsOwnTokens": {"pool", of(claims{"iss": "https://cognito-identity.amazonaws.com"}), "400 InvalidIdentityToken No OpenIDConnect provider found in your account for https://cognito-identity.amazonaws.com"},
	} {
		if got := outcome(f.assume(t, tt.role, tt.token)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	e := f.webEvents(t)
	if id := e[0].UserIdentity; id["identityProvider"] != iam.CognitoProvider || id["principalId"] != iam.CognitoProvider+":us-east-1:pool:us-east-1:ana" {
		t.Errorf("%v", id)
	}
}

func TestCognitosPoolsMayBeListed(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	cognito(t, f, "us-east-1:pool")
	f.role(t, "pool", trustIn(iam.CognitoProvider, nil))
	for audience, want := range map[string]string{"us-east-1:pool": "", "us-east-1:other": "400 InvalidIdentityToken Incorrect token audience"} {
		if got := outcome(f.assume(t, "pool", f.idp.token(t, claims{"iss": "https://pools.example.com", "aud": audience}))); got != want {
			t.Errorf("%s: %q", audience, got)
		}
	}
}

// What stands for Cognito is none of the account's providers.
func TestCognitoIsOutOfIAMsReach(t *testing.T) {
	t.Parallel()
	f := newFederated(t, "")
	cognito(t, f)
	arn := providerARN(iam.CognitoProvider)
	for action, more := range ofOneProvider {
		want := "404 NoSuchEntity OpenIDConnect Provider not found for arn " + arn
		if action == "DeleteOpenIDConnectProvider" {
			want = ""
		}
		run(t, f.Client, call{action, append(is("OpenIDConnectProviderArn", arn), more...), want})
	}
	for _, url := range []string{"https://" + iam.CognitoProvider, "https://Cognito-Identity.amazonaws.com"} {
		run(t, f.Client, call{"CreateOpenIDConnectProvider", is("Url", url), "400 ValidationError Invalid Open ID Connect Provider URL"})
	}
	run(t, f.Client, call{"CreateOpenIDConnectProvider", is("Url", "https://pools.example.com"), // whose tokens are Cognito's
		"409 EntityAlreadyExists Provider with url https://pools.example.com already exists."})
	if got := elements(f.OK(t, "iam", "ListOpenIDConnectProviders"), "Arn"); !slices.Equal(got, is(f.idp.arn())) {
		t.Error(got)
	}
	for i := range 99 { // it takes no room either
		f.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com/"+strings.Repeat("a", i))
	}
	f.role(t, "pool", trustIn(iam.CognitoProvider, nil))
	f.assumed(t, "pool", f.idp.token(t, claims{"iss": "https://pools.example.com"}))
}

func TestProvidersAreAskedOverTLSAlone(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"http://localhost", "http://127.0.0.1:8080/a"} {
		run(t, newRoot(t), call{"CreateOpenIDConnectProvider", is("Url", url), "400 ValidationError Invalid Open ID Connect Provider URL"})
	}
}

func TestProvidersOnThisMachineUnderDev(t *testing.T) {
	t.Parallel()
	p := newIDP(t, "/realms/Sales", httptest.NewServer)
	f := openFederated(t, p, server.Config{Dev: true})
	local := "http://localhost" + strings.TrimPrefix(p.URL, "http://127.0.0.1") + p.path
	for url, want := range map[string]string{
		p.issuer(): "", local: "", "http://localhost": "", "https://id.example.com": "",
		"http://id.example.com": "no", "http://localhost.example.com": "no", "http://127.0.0.2": "no", "http://localhost?a": "no", "http://a@localhost": "no",
		"HTTP://localhost": "no", "http://localhost/*": "no",
	} {
		if want != "" {
			want = "400 ValidationError Invalid Open ID Connect Provider URL"
		}
		run(t, f.Client, call{"CreateOpenIDConnectProvider", is("Url", url, "ClientIDList.member.1", "app"), want})
	}
	run(t, f.Client, call{"CreateOpenIDConnectProvider", is("Url", "https://localhost"), "409 EntityAlreadyExists Provider with url https://localhost already exists."})
	shown := f.OK(t, "iam", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", p.arn())
	if shown.Get("Url") != p.name() {
		t.Error(shown.Text)
	}
	f.role(t, "web", trustIn(p.arn(), claims{"StringEquals": claims{p.name() + ":sub": "ana-1"}}))
	_, a := f.assumed(t, "web", p.token(t, nil))
	if a.Get("Provider") != p.issuer() {
		t.Error(a.Text)
	}
	want := "400 InvalidIdentityToken No OpenIDConnect provider found in your account for https://" + p.name()
	if got := outcome(f.assume(t, "web", p.token(t, claims{"iss": "https://" + p.name()}))); got != want {
		t.Error(got)
	}
}
