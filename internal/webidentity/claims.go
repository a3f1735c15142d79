package webidentity

import (
	"errors"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// leeway is for clocks that differ. IAM takes tokens for five minutes after
// they have expired.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
const leeway = 5 * time.Minute

// maxSubject is from OpenID Connect Core, section 2.
const maxSubject = 255

// Token is what a verified token says.
type Token struct {
	Issuer, Subject string // together they are who it is; no other claim is
	Audience        []string
	AuthorizedParty string // "azp", "" for none
	AMR             []string
	Nonce           string // "" for none
	Email           string // "" for none
	EmailVerified   bool   // the provider vouches for it
	IssuedAt        time.Time
	ExpiresAt       time.Time

	// Tags and TransitiveTagKeys are session tags. They are bounded in number
	// and length; what else AWS asks of tags is still to be checked.
	Tags              map[string]string
	TransitiveTagKeys []string
	SourceIdentity    string // bounded in length likewise; "" for none
}

// claims are the payload as it is written. What is zero is not there.
type claims struct {
	Issuer          string   `json:"iss"`
	Subject         string   `json:"sub"`
	Audience        list     `json:"aud"`
	AuthorizedParty string   `json:"azp"`
	AMR             list     `json:"amr"`
	Nonce           string   `json:"nonce"`
	Email           string   `json:"email"`
	EmailVerified   flag     `json:"email_verified"`
	Expires         *instant `json:"exp"`
	IssuedAt        *instant `json:"iat"`
	NotBefore       *instant `json:"nbf"`

	Others map[string]jsontext.Value `json:",embed"`
}

// list is of texts. Of one, the brackets are optional (RFC 7519 section 4.1.3).
type list []string

func (l *list) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case jsontext.KindBeginArray:
		return json.UnmarshalDecode(dec, (*[]string)(l))
	case jsontext.KindNull:
		return dec.SkipValue()
	}
	var one string
	err := json.UnmarshalDecode(dec, &one)
	*l = list{one}
	return err
}

// flag is true for true, and for the text of it that some providers write.
type flag bool

func (f *flag) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	*f = string(value) == "true" || string(value) == `"true"`
	return err
}

// instant is a number of seconds, which STS wants to be whole.
type instant int64

// lastInstant is in the year 9999. Far beyond it, time.Time overflows.
const lastInstant = 253402300799

func (i *instant) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	err := json.UnmarshalDecode(dec, (*int64)(i))
	if err == nil && (*i < 0 || *i > lastInstant) {
		return errors.New("not a time")
	}
	return err
}

func (i instant) time() time.Time { return time.Unix(int64(i), 0).UTC() }

// check looks at the claims of a token whose issuer and signature are right.
func (c *claims) check(now time.Time) (t Token, err error) {
	if err := c.checkPresence(); err != nil {
		return Token{}, err
	}
	if err := c.checkTimes(now); err != nil {
		return Token{}, err
	}
	t = Token{
		Issuer: c.Issuer, Subject: c.Subject, Audience: c.Audience, AuthorizedParty: c.AuthorizedParty,
		AMR: c.AMR, Nonce: c.Nonce, Email: c.Email, EmailVerified: bool(c.EmailVerified),
		IssuedAt: c.IssuedAt.time(), ExpiresAt: c.Expires.time(),
	}
	if err := c.readSession(&t); err != nil {
		return Token{}, err
	}
	return t, nil
}

// checkPresence asks for what OpenID Connect Core requires in section 2, beside
// the issuer.
func (c *claims) checkPresence() error {
	switch {
	case c.Subject == "":
		return refuse(ErrMissingClaim, "sub")
	case len(c.Subject) > maxSubject:
		return refuse(ErrMalformed, "sub is longer than %d bytes", maxSubject)
	case len(c.Audience) == 0 || slices.Contains(c.Audience, ""):
		return refuse(ErrMissingClaim, "aud")
	case c.Expires == nil:
		return refuse(ErrMissingClaim, "exp")
	case c.IssuedAt == nil:
		return refuse(ErrMissingClaim, "iat")
	}
	return nil
}

func (c *claims) checkTimes(now time.Time) error {
	if expires := c.Expires.time(); !now.Before(expires.Add(leeway)) {
		return &ExpiredError{now, expires}
	}
	if issued := c.IssuedAt.time(); issued.After(now.Add(leeway)) {
		return refuse(ErrNotYetValid, "issued at %s", issued.Format(time.RFC3339))
	}
	if c.NotBefore != nil && c.NotBefore.time().After(now.Add(leeway)) {
		return refuse(ErrNotYetValid, "not before %s", c.NotBefore.time().Format(time.RFC3339))
	}
	return nil
}
