package policy

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// SyntaxError is a document that is not a policy. Its text is fit for the
// answer MalformedPolicyDocument: of bounded length, and without control
// characters.
type SyntaxError struct {
	// Sentence is what AWS says, as far as it was seen. AWS leaves it at that.
	Sentence string

	// Where is a JSON pointer, "" for the whole document. A statement outside a
	// list is /Statement/0.
	Where string

	// Detail is what is wrong there. It is empty where the sentence says it, and
	// then Where is not.
	Detail string
}

func (e *SyntaxError) Error() string {
	if e.Where == "" || e.Detail == "" {
		return e.Sentence + " (" + e.Where + e.Detail + ")"
	}
	return e.Sentence + " (" + e.Where + ": " + e.Detail + ")"
}

// What IAM answers to CreatePolicy and PutUserPolicy, or where it is marked so
// to CreateRole, in reports of users.
const (
	syntaxErrors     = "Syntax errors in policy."
	invalidJSON      = "This policy contains invalid Json" // role
	legacyParsing    = "The policy failed legacy parsing"
	sidNotUnique     = "Statement IDs (SID) in a single policy must be unique."
	sidAlphanumeric  = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
	noActions        = "Policy statement must contain actions."
	noVendor         = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."
	oneColon         = "Actions/Condition can contain only one colon."
	vendorWildcard   = "Action vendors (e.g., aws, ec2, etc.) must not contain wildcards."
	noResources      = "Policy statement must contain resources."
	resourceVendor   = "Resource vendor must be fully qualified and cannot contain regexes."
	noPrincipals     = "Policy document should not specify a principal."
	missingPrincipal = "Missing required field Principal"                           // role
	foreignActions   = "AssumeRole policy may only specify STS AssumeRole actions." // role
	notPrincipal     = "AssumeRole policy must not contain NotPrincipal field."     // role
)

func refuse(sentence string, where jsontext.Pointer, detail string, args ...any) *SyntaxError {
	return &SyntaxError{sentence, clip(string(where)), clip(fmt.Sprintf(detail, args...))}
}

// maxEcho bounds, in bytes, each part of a document that an error repeats.
const maxEcho = 256

// clip makes a part of a document fit for an error.
func clip(s string) string {
	s = s[:min(len(s), maxEcho)]
	return strings.Map(func(c rune) rune {
		if c == utf8.RuneError || !unicode.IsPrint(c) {
			return '?'
		}
		return c
	}, s)
}
