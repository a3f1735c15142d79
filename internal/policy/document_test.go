package policy

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestParseRefuses has a document for each thing that may be wrong. For short,
// the documents have s for what a statement needs, and t in a trust policy.
func TestParseRefuses(t *testing.T) {
	const (
		s = `"Effect": "Allow", "Action": "quicksight:*", "Resource": "*"`
		r = `"Effect": "Allow", "Action": "quicksight:*", "Resource": `
		a = `"Effect": "Allow", "Resource": "*", "Action": `
		p = `"Effect": "Allow", "Action": "sts:AssumeRole"`
	)
	in := func(statement string) string { return `{"Version": "2012-10-17", "Statement": [{` + statement + `}]}` }
	where := func(condition string) string { return in(s + `, "Condition": ` + condition) }
	trust := func(principal string) string { return in(p + `, "Principal": ` + principal) }

	for _, c := range []struct {
		name string
		kind Kind
		text string
		want string
	}{
		{"no JSON", Identity, `null and void`, `Syntax errors in policy. (null is not allowed)`},
		{"no JSON for a role", Trust, `file://policy.json`, `This policy contains invalid Json (invalid character 'i' in literal false (expecting 'a'))`},
		{"empty", Identity, ``, `Syntax errors in policy. (unexpected EOF)`},
		{"comma at the end", Identity, `{"Statement": [{` + s + `},]}`, `Syntax errors in policy. (/Statement: invalid character ',' at start of value)`},
		{"two documents", Identity, in(s) + in(s), `Syntax errors in policy. (invalid character '{' after top-level value)`},
		{"not UTF-8", Identity, in(s + `, "Sid": "` + "\xff" + `"`), `Syntax errors in policy. (/Statement/0/Sid: invalid UTF-8)`},
		{"list", Identity, `[]`, `Syntax errors in policy. (a value of another type is needed)`},
		{"nested deep", Identity, in(s + `, "Condition": ` + strings.Repeat("[", 20) + strings.Repeat("]", 20)),
			`Syntax errors in policy. (/Statement/0/Condition/0/0/0/0/0/0/0/0/0/0/0/0/0: nested too deep)`},
		{"too long", Identity, in(s) + strings.Repeat(" ", 1<<17), `Syntax errors in policy. (longer than 131072 bytes)`},

		{"no statement", Identity, `{"Version": "2012-10-17"}`, `Syntax errors in policy. (/Statement: there is none)`},
		{"empty statements", Identity, `{"Statement": []}`, `Syntax errors in policy. (/Statement: there is none)`},
		{"statement of text", Identity, `{"Statement": ["x"]}`, `Syntax errors in policy. (/Statement/0: a value of another type is needed)`},
		{"unknown version", Identity, `{"Version": "2013-10-17", "Statement": {` + s + `}}`,
			`Syntax errors in policy. (/Version: "2013-10-17" is neither "2012-10-17" nor "2008-10-17")`},
		{"empty version", Identity, `{"Version": "", "Statement": {` + s + `}}`,
			`Syntax errors in policy. (/Version: "" is neither "2012-10-17" nor "2008-10-17")`},
		{"numeric version", Identity, `{"Version": 2012, "Statement": {` + s + `}}`,
			`Syntax errors in policy. (/Version: a value of another type is needed)`},
		{"unknown element", Identity, `{"Version": "2012-10-17", "Statment": {` + s + `}}`, `Syntax errors in policy. (/Statment: unknown element)`},
		{"element in other case", Identity, in(s + `, "sid": "A"`), `Syntax errors in policy. (/Statement/0/sid: unknown element)`},
		{"element twice", Identity, in(s + `, "Effect": "Deny"`), `Syntax errors in policy. (/Statement/0/Effect: duplicate object member name)`},
		{"null", Identity, in(s + `, "Condition": null`), `Syntax errors in policy. (/Statement/0/Condition: null is not allowed)`},

		{"Sid with a blank", Identity, in(s + `, "Sid": "Read users"`),
			`Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]* (/Statement/0/Sid: "Read users")`},
		{"Sid twice", Identity, `{"Statement": [{` + s + `, "Sid": "A"}, {` + s + `, "Sid": "A"}]}`,
			`Statement IDs (SID) in a single policy must be unique. (/Statement/1/Sid: "A")`},
		{"no effect", Identity, in(`"Action": "quicksight:*", "Resource": "*"`), `Syntax errors in policy. (/Statement/0/Effect: "" is neither "Allow" nor "Deny")`},
		{"effect in other case", Identity, in(`"Effect": "allow", "Action": "quicksight:*", "Resource": "*"`),
			`Syntax errors in policy. (/Statement/0/Effect: "allow" is neither "Allow" nor "Deny")`},

		{"no action", Identity, in(`"Effect": "Allow", "Resource": "*"`), `Policy statement must contain actions. (/Statement/0)`},
		{"empty actions", Identity, in(a + `[]`), `Policy statement must contain actions. (/Statement/0)`},
		{"both actions", Identity, in(a + `"iam:*", "NotAction": []`), `Syntax errors in policy. (/Statement/0: Action and NotAction exclude each other)`},
		{"numeric action", Identity, in(a + `123`), `Syntax errors in policy. (/Statement/0/Action: a value of another type is needed)`},
		{"list in actions", Identity, in(a + `[[]]`), `Syntax errors in policy. (/Statement/0/Action/0: a value of another type is needed)`},
		{"no vendor", Identity, in(a + `"ListUsers"`), `Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (/Statement/0/Action: "ListUsers")`},
		{"empty action", Identity, in(`"Effect": "Allow", "Resource": "*", "NotAction": ["iam:*", ""]`),
			`Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. (/Statement/0/NotAction: "")`},
		{"two colons", Identity, in(a + `"iam:Get:User"`), `Actions/Condition can contain only one colon. (/Statement/0/Action: "iam:Get:User")`},
		{"wildcard in vendor", Identity, in(a + `"*:Get*"`), `Action vendors (e.g., aws, ec2, etc.) must not contain wildcards. (/Statement/0/Action: "*:Get*")`},
		{"bad vendor", Identity, in(a + `"i m:GetUser"`), `Vendor i m is not valid (/Statement/0/Action: "i m:GetUser")`},
		{"empty vendor", Identity, in(a + `":GetUser"`), `Vendor  is not valid (/Statement/0/Action: ":GetUser")`},

		{"no resource", Identity, in(`"Effect": "Allow", "Action": "iam:*"`), `Policy statement must contain resources. (/Statement/0)`},
		{"empty resources", Identity, in(r + `[]`), `Policy statement must contain resources. (/Statement/0)`},
		{"both resources", Identity, in(r + `"*", "NotResource": "*"`), `Syntax errors in policy. (/Statement/0: Resource and NotResource exclude each other)`},
		{"resource is no ARN", Identity, in(r + `["*", "ana"]`), `Resource ana must be in ARN format or "*". (/Statement/0/Resource)`},
		{"empty resource", Identity, in(r + `""`), `Resource  must be in ARN format or "*". (/Statement/0/Resource)`},
		{"ARN without arn", Identity, in(r + `"aws:s3:::bucket"`), `Partition "s3" is not valid for resource "arn:s3:::bucket:*". (/Statement/0/Resource)`},
		{"ARN with another word", Identity, in(r + `"urn:aws:s3:::bucket"`), `Resource urn:aws:s3:::bucket must be in ARN format or "*". (/Statement/0/Resource)`},
		{"unknown partition", Identity, in(r + `"arn:error:s3:::bucket"`), `Partition "error" is not valid for resource "arn:error:s3:::bucket". (/Statement/0/Resource)`},
		{"wildcard for service", Identity, in(r + `"arn:aws:*:*:*:*"`), `Resource vendor must be fully qualified and cannot contain regexes. (/Statement/0/Resource)`},
		{"ARN without service", Identity, in(r + `"arn:aws"`), `Resource vendor must be fully qualified and cannot contain regexes. (/Statement/0/Resource)`},
		{"ARN with empty service", Identity, in(r + `"arn:aws::::bucket"`), `The policy failed legacy parsing (/Statement/0/Resource: "arn:aws::::bucket" names no service)`},
		{"ARN of five components", Identity, in(r + `"arn:aws:s3::bucket"`), `The policy failed legacy parsing (/Statement/0/Resource: "arn:aws:s3::bucket" has too few components)`},
		{"variable for the account", Identity, in(r + `"arn:aws:iam::${aws:PrincipalAccount}:role/x"`),
			`The policy failed legacy parsing (/Statement/0/Resource: "arn:aws:iam::${aws:PrincipalAccount}:role/x" has a variable before the resource)`},
		{"variable without an end", Identity, in(r + `"arn:aws:iam::111122223333:user/${aws:username"`),
			`Syntax errors in policy. (/Statement/0/Resource: "arn:aws:iam::111122223333:user/${aws:username": a variable is written ${key} or ${key, 'default'})`},
		{"variable without a name", Identity, in(r + `"arn:aws:iam::111122223333:user/${}"`),
			`Syntax errors in policy. (/Statement/0/Resource: "arn:aws:iam::111122223333:user/${}": a variable is written ${key} or ${key, 'default'})`},
		{"default without quotes", Identity, in(r + `"arn:aws:iam::111122223333:user/${aws:username, x}"`),
			`Syntax errors in policy. (/Statement/0/Resource: "arn:aws:iam::111122223333:user/${aws:username, x}": a variable is written ${key} or ${key, 'default'})`},

		{"conditions in a list", Identity, where(`[]`), `Syntax errors in policy. (/Statement/0/Condition: a value of another type is needed)`},
		{"no operator", Identity, where(`{"aws:username": "ana"}`), `Syntax errors in policy. (/Statement/0/Condition/aws:username: a value of another type is needed)`},
		{"unknown operator", Identity, where(`{"StringLikes": {"aws:username": "ana"}}`), `Syntax errors in policy. (/Statement/0/Condition/StringLikes: unknown operator "StringLikes")`},
		{"operator in other case", Identity, where(`{"stringlike": {}}`), `Syntax errors in policy. (/Statement/0/Condition/stringlike: unknown operator "stringlike")`},
		{"two colons in an operator", Identity, where(`{"ForAnyValue::StringEquals": {}}`),
			`Syntax errors in policy. (/Statement/0/Condition/ForAnyValue::StringEquals: unknown operator "ForAnyValue::StringEquals")`},
		{"NullIfExists", Identity, where(`{"NullIfExists": {}}`), `Syntax errors in policy. (/Statement/0/Condition/NullIfExists: unknown operator "NullIfExists")`},
		{"Null of all values", Identity, where(`{"ForAllValues:Null": {}}`), `Syntax errors in policy. (/Statement/0/Condition/ForAllValues:Null: unknown operator "ForAllValues:Null")`},
		{"key in two cases", Identity, where(`{"StringLike": {"aws:username": "a", "aws:UserName": "b"}}`),
			`Syntax errors in policy. (/Statement/0/Condition/StringLike/aws:username: the key is there twice, with different case)`},
		{"object for a value", Identity, where(`{"StringLike": {"aws:PrincipalTag/team": {}}}`),
			`Syntax errors in policy. (/Statement/0/Condition/StringLike/aws:PrincipalTag~1team: neither text, number nor Boolean)`},
		{"list in values", Identity, where(`{"StringLike": {"aws:username": ["a", []]}}`),
			`Syntax errors in policy. (/Statement/0/Condition/StringLike/aws:username/1: neither text, number nor Boolean)`},
		{"bad variable in a value", Identity, where(`{"StringLike": {"aws:username": "${"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/StringLike/aws:username: "${": a variable is written ${key} or ${key, 'default'})`},
		{"bad number", Identity, where(`{"NumericEquals": {"s3:max-keys": "ten"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/NumericEquals/s3:max-keys: "ten": not a number)`},
		{"number with exponent", Identity, where(`{"NumericEquals": {"s3:max-keys": 1e999999999}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/NumericEquals/s3:max-keys: "1e999999999": not a number)`},
		{"fraction", Identity, where(`{"NumericEquals": {"s3:max-keys": "1/3"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/NumericEquals/s3:max-keys: "1/3": not a number)`},
		{"bad date", Identity, where(`{"DateLessThan": {"aws:CurrentTime": "soon"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/DateLessThan/aws:CurrentTime: "soon": not a date: give one like 2006-01-02T15:04:05Z, or seconds since 1970)`},
		{"date without a zone", Identity, where(`{"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/DateLessThan/aws:CurrentTime: "2026-01-01T00:00:00": not a date: give one like 2006-01-02T15:04:05Z, or seconds since 1970)`},
		{"date too far off", Identity, where(`{"DateLessThan": {"aws:EpochTime": "9223372036854775807"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/DateLessThan/aws:EpochTime: "9223372036854775807": not a date: give one like 2006-01-02T15:04:05Z, or seconds since 1970)`},
		{"bad Boolean", Identity, where(`{"Bool": {"aws:SecureTransport": "yes"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/Bool/aws:SecureTransport: "yes": neither "true" nor "false")`},
		{"variable in Null", Identity, where(`{"Null": {"aws:username": "${aws:SecureTransport}"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/Null/aws:username: "${aws:SecureTransport}": neither "true" nor "false")`},
		{"bad base64", Identity, where(`{"BinaryEquals": {"k": "a"}}`), `The policy failed legacy parsing (/Statement/0/Condition/BinaryEquals/k: "a": not base64)`},
		{"bad address", Identity, where(`{"IpAddress": {"aws:SourceIp": "203.0.113.0/33"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/IpAddress/aws:SourceIp: "203.0.113.0/33": neither an IP address nor a range such as 203.0.113.0/24)`},
		{"mapped address", Identity, where(`{"IpAddress": {"aws:SourceIp": "::ffff:203.0.113.0/120"}}`),
			`The policy failed legacy parsing (/Statement/0/Condition/IpAddress/aws:SourceIp: "::ffff:203.0.113.0/120": neither an IP address nor a range such as 203.0.113.0/24)`},

		{"principal", Identity, in(s + `, "Principal": "*"`), `Policy document should not specify a principal. (/Statement/0)`},
		{"principal in a boundary", Boundary, in(s + `, "NotPrincipal": "*"`), `Policy document should not specify a principal. (/Statement/0)`},
		{"principal in a session", Session, in(s + `, "Principal": {}`), `Policy document should not specify a principal. (/Statement/0)`},

		{"no principal", Trust, in(p), `Missing required field Principal (/Statement/0/Principal)`},
		{"empty principal", Trust, trust(`{}`), `Missing required field Principal (/Statement/0/Principal)`},
		{"empty list of principals", Trust, trust(`{"AWS": []}`), `Missing required field Principal (/Statement/0/Principal/AWS)`},
		{"NotPrincipal", Trust, in(p + `, "NotPrincipal": "*"`), `AssumeRole policy must not contain NotPrincipal field. (/Statement/0)`},
		{"principal of text", Trust, trust(`"111122223333"`), `Syntax errors in policy. (/Statement/0/Principal: neither "*" nor an object)`},
		{"unknown kind of principal", Trust, trust(`{"CanonicalUser": "79a5"}`), `Invalid principal in policy: "CanonicalUser":"79a5" (/Statement/0/Principal/CanonicalUser)`},
		{"short account", Trust, trust(`{"AWS": "12345"}`), `Invalid principal in policy: "AWS":"12345" (/Statement/0/Principal/AWS)`},
		{"wildcard in a principal", Trust, trust(`{"AWS": "arn:aws:iam::111122223333:role/*"}`),
			`Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:role/*" (/Statement/0/Principal/AWS)`},
		{"group", Trust, trust(`{"AWS": "arn:aws:iam::111122223333:group/staff"}`),
			`Invalid principal in policy: "AWS":"arn:aws:iam::111122223333:group/staff" (/Statement/0/Principal/AWS)`},
		{"every provider", Trust, trust(`{"Federated": "*"}`), `Invalid principal in policy: "Federated":"*" (/Statement/0/Principal/Federated)`},
		{"resource of a role", Trust, in(p + `, "Principal": "*", "Resource": "*"`), `Has prohibited field Resource (/Statement/0)`},
		{"other resources of a role", Trust, in(p + `, "Principal": "*", "NotResource": []`), `Has prohibited field NotResource (/Statement/0)`},
		{"action of another service", Trust, in(`"Effect": "Allow", "Principal": "*", "Action": "iam:PassRole"`),
			`AssumeRole policy may only specify STS AssumeRole actions. (/Statement/0/Action: "iam:PassRole")`},
		{"wildcard in a trust policy", Trust, in(`"Effect": "Allow", "Principal": "*", "Action": "sts:*"`),
			`AssumeRole policy may only specify STS AssumeRole actions. (/Statement/0/Action: "sts:*")`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse(c.text, c.kind)
			var e *SyntaxError
			if !errors.As(err, &e) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if got := err.Error(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// TestParseAccepts has what IAM accepts although it looks wrong.
func TestParseAccepts(t *testing.T) {
	for _, text := range []string{
		`{"Id": "any text", "Statement": {"Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*"}}`,
		`{"Statement": {"Resource": ["*"], "Action": ["*"], "Effect": "Deny", "Condition": {}}, "Version": "2008-10-17"}`,
		`{"Statement": [{"Effect": "Allow", "Action": "a:*", "Resource": "*"}, {"Effect": "Allow", "Action": "b:*", "Resource": "*"}]}`,
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "no-such.service:DoIt", "Resource": "arn:*:no-such-service:::x"}}`,
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "iam: odd action ", "Resource": "arn:aws:iam"}}`,
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws-cn:s3:::x", "Condition": {"StringLike": {}}}}`,
		`{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"DateGreaterThan": {"a": []}}}}`,
		`{"Version": "2008-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::${"}}`,
	} {
		mustParse(t, text, Identity)
	}
}

// TestParseAtOnce lets the race detector see documents read and used at once.
func TestParseAtOnce(t *testing.T) {
	for _, version := range []string{version2008, version2012} {
		for range 8 {
			t.Run(version, func(t *testing.T) {
				t.Parallel()
				text := `{"Version": "` + version + `", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringLike": {"k": "${k}"}}}}`
				allowed := allows(mustParse(t, text, Identity), listUsers(map[string][]string{"k": {"v"}}))
				if want := version == version2012; allowed != want {
					t.Errorf("allowed %t", allowed)
				}
			})
		}
	}
}

func TestErrorsAreFitToSend(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	for _, text := range []string{
		`{"` + long + `": 1}`,
		`{"` + long + `": 1, "` + long + `": 1}`,
		`{"Version": "` + long + `"}`,
		`{"Statement": {"Effect": "Allow", "Action": "` + long + `", "Resource": "*"}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "` + long + `"}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "\u0000\u001b[2J\u2028"}}`,
		`{"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*", "Condition": {"Bool": {"` + long + `": "é` + strings.Repeat("é", 300) + `"}}}}`,
	} {
		_, err := Parse(text, Identity)
		checkError(t, err)
	}
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var e *SyntaxError
	if !errors.As(err, &e) {
		t.Fatalf("not a SyntaxError: %v", err)
	}
	message := err.Error()
	if len(message) > 2048 || !utf8.ValidString(message) || strings.ContainsFunc(message, func(c rune) bool { return c < ' ' }) {
		t.Errorf("message %q", message)
	}
}

func TestSize(t *testing.T) {
	for text, want := range map[string]int{
		"":                          0,
		" \t\r\n":                   0,
		`{"Sid": "a b"}`:            12,
		`"é"` + "\n":                3,
		"\u00a0":                    1, // white space of JSON only
		strings.Repeat(" x ", 2048): 2048,
	} {
		if got := Size(text); got != want {
			t.Errorf("Size(%.20q) = %d, want %d", text, got, want)
		}
	}
}
