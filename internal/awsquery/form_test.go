package awsquery

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParseReadsQueryAndBody(t *testing.T) {
	for name, c := range map[string]struct {
		query, body string
		want        Form
	}{
		"Nothing":         {"", "", nil},
		"Body":            {"", "Action=GetUser&Version=2010-05-08", Form{{"Action", "GetUser"}, {"Version", "2010-05-08"}}},
		"Query":           {"Version=2010-05-08&Action=GetUser", "", Form{{"Action", "GetUser"}, {"Version", "2010-05-08"}}},
		"Both":            {"Action=GetUser", "UserName=ana", Form{{"Action", "GetUser"}, {"UserName", "ana"}}},
		"PercentAndPlus":  {"", "Tag%2eKey=a%20b+c%2Bd%3D%26", Form{{"Tag.Key", "a b c+d=&"}}},
		"UTF8":            {"", "Name=%C3%A9%F0%9F%92%A1&Raw=é", Form{{"Name", "é💡"}, {"Raw", "é"}}},
		"NoValue":         {"", "Tags=&Marker", Form{{"Marker", ""}, {"Tags", ""}}},
		"EqualsInValue":   {"", "Policy=a=b=c", Form{{"Policy", "a=b=c"}}},
		"SemicolonIsText": {"", "A=1;B=2", Form{{"A", "1;B=2"}}},
		"EmptyPieces":     {"&&", "&A=1&&", Form{{"A", "1"}}},
		"OrderOfBytes":    {"", "T.member.10=j&T.member.9=i&T=&T-x=", Form{{"T", ""}, {"T-x", ""}, {"T.member.10", "j"}, {"T.member.9", "i"}}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(c.query, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	thousand := strings.Repeat("A&", maxParameters)
	for name, c := range map[string]struct {
		query, body string
		want        Error
	}{
		"BrokenPercent":     {"", "A=%zz", Error{"MalformedQueryString", 404, `The query string contains a syntax error: "%zz" is not percent-encoded UTF-8`}},
		"CutPercent":        {"A=%2", "", Error{"MalformedQueryString", 404, `The query string contains a syntax error: "%2" is not percent-encoded UTF-8`}},
		"BrokenName":        {"", "%=1", Error{"MalformedQueryString", 404, `The query string contains a syntax error: "%" is not percent-encoded UTF-8`}},
		"NoUTF8":            {"", "A=%FF", Error{"MalformedQueryString", 404, `The query string contains a syntax error: "%FF" is not percent-encoded UTF-8`}},
		"Surrogate":         {"", "A=%ED%A0%80", Error{"MalformedQueryString", 404, `The query string contains a syntax error: "%ED%A0%80" is not percent-encoded UTF-8`}},
		"Twice":             {"", "A=1&A=1", Error{"MalformedInput", 400, `The parameter "A" is given more than once`}},
		"TwiceDisguised":    {"", "A=1&%41=2", Error{"MalformedInput", 400, `The parameter "A" is given more than once`}},
		"InQueryAndBody":    {"Action=GetUser", "Action=DeleteUser", Error{"MalformedInput", 400, `The parameter "Action" is given more than once`}},
		"ThousandOfOneName": {"", thousand, Error{"MalformedInput", 400, `The parameter "A" is given more than once`}},
		"TooMany":           {"B", thousand, Error{"RequestEntityTooLargeException", 413, "Request is too large. It may have at most 1000 parameters."}},
		"TooLong":           {"A", strings.Repeat("A", MaxBytes), Error{"RequestEntityTooLargeException", 413, "Request is too large. It may have at most 1048576 bytes."}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse(c.query, []byte(c.body))
			wantError(t, err, c.want)
		})
	}
}

func wantError(t *testing.T, err error, want Error) {
	t.Helper()
	var got *Error
	if !errors.As(err, &got) {
		t.Fatalf("error is %v, want an *Error", err)
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// FuzzParse: what is taken is sorted, bounded, valid text, and the same that
// the standard library reads.
func FuzzParse(f *testing.F) {
	for _, body := range []string{"Action=GetUser&Version=1", "A=%zz", "A&A", "Tags.member.1.Key=a+b%20c", "&&=&="} {
		f.Add("", body)
		f.Add(body, "B=1")
	}
	f.Fuzz(func(t *testing.T, query, body string) {
		form, err := Parse(query, []byte(body))
		if err != nil {
			return
		}
		if len(form) > maxParameters {
			t.Errorf("%d parameters", len(form))
		}
		whole := strings.ReplaceAll(query+"&"+body, ";", "%3B")
		std, err := url.ParseQuery(whole)
		if err != nil || len(std) != len(form) {
			t.Fatalf("%d parameters, the standard library reads %d: %v", len(form), len(std), err)
		}
		for i, p := range form {
			if i > 0 && p.Name <= form[i-1].Name {
				t.Errorf("%q stands after %q", p.Name, form[i-1].Name)
			}
			if !utf8.ValidString(p.Name + p.Value) {
				t.Errorf("%q=%q is not UTF-8", p.Name, p.Value)
			}
			if want := std[p.Name]; len(want) != 1 || want[0] != p.Value {
				t.Errorf("%q is %q, the standard library reads %q", p.Name, p.Value, want)
			}
			if got, ok := form.Get(p.Name); !ok || got != p.Value {
				t.Errorf("Get(%q) is %q %v", p.Name, got, ok)
			}
		}
	})
}
