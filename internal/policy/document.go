package policy

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Document is a policy ready to decide by. It does not change.
type Document struct {
	statements []statement
}

// The versions of the language. Variables are of the later one.
const (
	version2008 = "2008-10-17" // of a document that names none
	version2012 = "2012-10-17"
)

const (
	// maxText is the longest document, in bytes, that the service model of IAM
	// lets through, of which much may be white space.
	maxText = 131072

	// maxDepth is beyond the grammar, whose values of conditions have 6.
	maxDepth = 16
)

// Parse reads a document for a kind of use. An error is a *SyntaxError.
func Parse(text string, kind Kind) (*Document, error) {
	w := wireDocument{Version: version2008}
	if err := w.read(text, kind); err != nil {
		return nil, err
	}
	if w.Version != version2008 && w.Version != version2012 {
		return nil, refuse(syntaxErrors, "/Version", "%q is neither %q nor %q", w.Version, version2012, version2008)
	}
	if len(w.Statement) == 0 {
		return nil, refuse(syntaxErrors, "/Statement", "there is none")
	}
	c := compiler{trust: kind == Trust, variables: w.Version == version2012}
	d := &Document{statements: make([]statement, len(w.Statement))}
	for i := range w.Statement {
		where := jsontext.Pointer("/Statement").AppendToken(strconv.Itoa(i))
		if err := c.compile(&d.statements[i], &w.Statement[i], where); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// wireDocument is a document as it is written. The order of elements is free,
// and their case counts.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
type wireDocument struct {
	Version   string
	ID        string `json:"Id"`
	Statement list[wireStatement]
}

// wireStatement has nil for elements that are not there.
type wireStatement struct {
	Sid                     string
	Effect                  string
	Principal, NotPrincipal wirePrincipal
	Action, NotAction       list[string]
	Resource, NotResource   list[string]
	Condition               wireConditions
}

// wireConditions has the values by operator and key.
type wireConditions map[string]map[string]list[scalar]

// wirePrincipal has the names by kind.
type wirePrincipal map[string]list[string]

// UnmarshalJSONFrom also takes "*", which is the same as {"AWS": "*"}.
func (w *wirePrincipal) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() != '"' {
		return json.UnmarshalDecode(dec, (*map[string]list[string])(w))
	}
	if name, err := dec.ReadToken(); err != nil || name.String() != everyone {
		return errors.New(`neither "*" nor an object`)
	}
	*w = wirePrincipal{"AWS": {everyone}}
	return nil
}

// list is of any length. Of one value, the brackets are optional.
type list[T any] []T

func (l *list[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '[' {
		return json.UnmarshalDecode(dec, (*[]T)(l))
	}
	var one T
	err := json.UnmarshalDecode(dec, &one)
	*l = list[T]{one}
	return err
}

// scalar is a value of a condition. Of numbers and Booleans the quotation marks
// are optional.
type scalar string

func (s *scalar) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case '{', '[':
		return errors.New("neither text, number nor Boolean")
	}
	token, err := dec.ReadToken()
	*s = scalar(token.String())
	return err
}

func (w *wireDocument) read(text string, kind Kind) error {
	if len(text) > maxText {
		return refuse(syntaxErrors, "", "longer than %d bytes", maxText)
	}
	err := checkTokens(text)
	if err == nil {
		err = json.Unmarshal([]byte(text), w, json.RejectUnknownMembers(true))
	}
	if err == nil {
		return nil
	}
	return refuseJSON(err, kind)
}

// checkTokens refuses what is not JSON, doubled elements, and what is
// well-formed but nowhere in the grammar: null, and deep nesting.
func checkTokens(text string) error {
	dec := jsontext.NewDecoder(strings.NewReader(text))
	for {
		token, err := dec.ReadToken()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case token.Kind() == 'n':
			return refuse(syntaxErrors, dec.StackPointer(), "null is not allowed")
		case dec.StackDepth() > maxDepth:
			return refuse(syntaxErrors, dec.StackPointer(), "nested too deep")
		}
	}
}

// refuseJSON words an error of reading.
func refuseJSON(err error, kind Kind) error {
	var (
		syntactic *jsontext.SyntacticError
		semantic  *json.SemanticError
	)
	switch {
	case errors.As(err, &syntactic):
		sentence := syntaxErrors
		if kind == Trust {
			sentence = invalidJSON
		}
		return refuse(sentence, syntactic.JSONPointer, "%v", syntactic.Err)
	case !errors.As(err, &semantic):
		return err
	case semantic.Err == json.ErrUnknownName:
		return refuse(syntaxErrors, semantic.JSONPointer, "unknown element")
	case semantic.Err != nil:
		return refuse(syntaxErrors, semantic.JSONPointer, "%v", semantic.Err)
	}
	return refuse(syntaxErrors, semantic.JSONPointer, "a value of another type is needed")
}
