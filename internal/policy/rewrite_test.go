package policy

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func upper(name string) (string, error) { return strings.ToUpper(name), nil }

func TestRewritePrincipalsChangesAWSPrincipalsAlone(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"OneStatementAndName", `{"Statement":{"Principal":{"AWS":"a"}}}`, `{"Statement":{"Principal":{"AWS":"A"}}}`},
		{"Lists", `{"Statement":[{"Principal":{"AWS":["a","b"]}},{"Principal":{"AWS":"c"}}]}`,
			`{"Statement":[{"Principal":{"AWS":["A","B"]}},{"Principal":{"AWS":"C"}}]}`},
		{"WhiteSpaceAndOrderStay", " {\n\t\"Statement\" : [ { \"Sid\":\"x\",\"Principal\" : { \"AWS\" :\r\n[ \"a\" , \"b\" ] } ,\"Effect\":\"Allow\"} ] }\n",
			" {\n\t\"Statement\" : [ { \"Sid\":\"x\",\"Principal\" : { \"AWS\" :\r\n[ \"A\" , \"B\" ] } ,\"Effect\":\"Allow\"} ] }\n"},
		{"OtherKinds", `{"Statement":{"Principal":{"Service":"a","Federated":["b"],"AWS":"c"}}}`,
			`{"Statement":{"Principal":{"Service":"a","Federated":["b"],"AWS":"C"}}}`},
		{"Everyone", `{"Statement":{"Principal":"*"}}`, `{"Statement":{"Principal":"*"}}`},
		{"SameNamesElsewhere", `{"Id":"aws","Statement":{"Principal":{"AWS":"a"},"Condition":{"StringEquals":{"Principal":"a","AWS":["b"]}}}}`,
			`{"Id":"aws","Statement":{"Principal":{"AWS":"A"},"Condition":{"StringEquals":{"Principal":"a","AWS":["b"]}}}}`},
		{"ANameInEscapes", `{"Statement":{"Principal":{"AWS":["\u0061","\u0042"]}}}`, `{"Statement":{"Principal":{"AWS":["A","\u0042"]}}}`},
		{"AMemberInEscapes", `{"Statement":{"Principal":{"\u0041WS":"a"}}}`, `{"Statement":{"Principal":{"\u0041WS":"A"}}}`},
		{"CharactersBeyondASCII", `{"Id":"é😀","Statement":{"Principal":{"AWS":"a"}}}`, `{"Id":"é😀","Statement":{"Principal":{"AWS":"A"}}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := RewritePrincipals(tt.text, upper)
			if err != nil || got != tt.want {
				t.Errorf("%s, %v\nwant %s", got, err, tt.want)
			}
		})
	}
}

func TestRewritePrincipalsQuotesWhatItPutsIn(t *testing.T) {
	got, err := RewritePrincipals(`{"Statement":{"Principal":{"AWS":"a"}}}`, func(string) (string, error) { return "\"\\\n", nil })
	if want := `{"Statement":{"Principal":{"AWS":"\"\\\n"}}}`; err != nil || got != want {
		t.Errorf("%s, %v, want %s", got, err, want)
	}
}

func TestRewritePrincipalsEndsInTheErrorOfRename(t *testing.T) {
	var asked []string
	refused := errors.New("refused")
	got, err := RewritePrincipals(`{"Statement":{"Principal":{"AWS":["a","b","c"]}}}`, func(name string) (string, error) {
		asked = append(asked, name)
		if name == "b" {
			return "", refused
		}
		return name, nil
	})
	if !errors.Is(err, refused) || got != "" || !slices.Equal(asked, []string{"a", "b"}) {
		t.Errorf("%q, %v after %v", got, err, asked)
	}
}

// What is rewritten and rewritten back is the document that it was, and what
// Parse accepts can be rewritten.
func FuzzRewritePrincipals(f *testing.F) {
	f.Add(`{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/r","*"]},"Action":"sts:AssumeRole"}]}`)
	f.Add(`{"Statement":{"Effect":"Deny","Principal":"*","Action":"sts:*"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := Parse(text, Trust); err != nil {
			return
		}
		same, err := RewritePrincipals(text, func(name string) (string, error) { return name, nil })
		if err != nil || same != text {
			t.Errorf("unchanged names: %q, %v, want %q", same, err, text)
		}
		marked, err := RewritePrincipals(text, func(name string) (string, error) { return "~" + name, nil })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := RewritePrincipals(marked, func(name string) (string, error) {
			if !strings.HasPrefix(name, "~") {
				t.Errorf("%q was not rewritten in %q", name, marked)
			}
			return name, nil
		}); err != nil {
			t.Error(err)
		}
	})
}
