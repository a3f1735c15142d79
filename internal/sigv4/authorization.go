package sigv4

import "strings"

const (
	// maxAuthorization is in bytes. Real headers have a few hundred.
	maxAuthorization = 8 << 10

	maxSignedHeaders = 100
)

// authorization is an Authorization header, such as
//
//	AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, Signature=5d67…
//
// or the same four from a presigned address.
type authorization struct {
	algorithm     string
	credential    string
	signedHeaders string // lower-case, in order, separated by ';'
	signature     string
}

// parseAuthorization takes the three parameters in any order, separated by a
// comma and any spaces. It leaves empty what is not there; a name it does not
// know takes the place of one it needs. There being only three places, a
// header with nothing missing has each parameter once.
func parseAuthorization(header string) (authorization, error) {
	if len(header) > maxAuthorization {
		return authorization{}, errTooLong("Authorization header")
	}
	var a authorization
	algorithm, parameters, found := strings.Cut(header, " ")
	a.algorithm = algorithm
	if !found {
		return a, nil
	}
	if strings.Count(parameters, ",") > 2 {
		return authorization{}, errTooManyParts()
	}
	for part := range strings.SplitSeq(parameters, ",") {
		name, value, ok := strings.Cut(strings.Trim(part, " "), "=")
		if !ok || strings.Contains(value, " ") {
			return authorization{}, errNoEqualSign(header)
		}
		a.set(name, value)
	}
	return a, nil
}

func (a *authorization) set(name, value string) {
	switch name {
	case "Credential":
		a.credential = value
	case "SignedHeaders":
		a.signedHeaders = value
	case "Signature":
		a.signature = value
	}
}

// missing says what is not there or empty, in the order and words of AWS.
func (a *authorization) missing() (sentences []string) {
	for _, part := range [...]struct{ name, value string }{
		{"Credential", a.credential},
		{"Signature", a.signature},
		{"SignedHeaders", a.signedHeaders},
	} {
		if part.value == "" {
			sentences = append(sentences, "Authorization header requires '"+part.name+"' parameter.")
		}
	}
	return sentences
}

// String prints the header as the SDKs do.
func (a *authorization) String() string {
	return a.algorithm + " Credential=" + a.credential + ", SignedHeaders=" + a.signedHeaders + ", Signature=" + a.signature
}

// signs tells whether a header, in whatever case, is among the signed ones.
func (a *authorization) signs(header string) bool {
	for name := range strings.SplitSeq(a.signedHeaders, ";") {
		if strings.EqualFold(name, header) {
			return true
		}
	}
	return false
}

// checkNames accepts one spelling of a set of headers: lower-case ASCII names
// in ascending order, hence each once.
func checkNames(signedHeaders string) error {
	if strings.Count(signedHeaders, ";") >= maxSignedHeaders {
		return errSignedHeaders()
	}
	previous := ""
	for name := range strings.SplitSeq(signedHeaders, ";") {
		if name <= previous || strings.ContainsFunc(name, notOfName) {
			return errSignedHeaders()
		}
		previous = name
	}
	return nil
}

func notOfName(c rune) bool {
	return c <= ' ' || 'A' <= c && c <= 'Z' || c >= 0x7f
}
