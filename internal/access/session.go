package access

import (
	"bytes"
	"compress/flate"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"time"

	"rollcall/internal/iamid"
	"rollcall/internal/seal"
	"rollcall/internal/sigv4"
	"rollcall/internal/store"
)

// Session is what temporary credentials are made for. It is all in the session
// token, so there is no record of it; who it belongs to is looked up each time
// by the unique id, so that it dies with its role.
type Session struct {
	AccountID      string      `json:"a"`
	Owner          string      `json:"o"`           // unique id: AROA…, AIDA…, or the account's for its root
	Name           string      `json:"n,omitempty"` // of a role's session; "": the owner\'s own
	IssuedAt       int64       `json:"i"`           // seconds since 1970
	ExpiresAt      int64       `json:"e"`           // seconds since 1970
	Policy         string      `json:"p,omitempty"` // session policy
	PolicyARNs     []string    `json:"m,omitempty"` // managed session policies
	Tags           store.Tags  `json:"t,omitempty"`
	Transitive     []string    `json:"x,omitempty"` // keys of tags that sessions made of this one have
	SourceIdentity string      `json:"s,omitempty"`
	Federation     *Federation `json:"f,omitempty"` // nil: not made by a provider's token
	Chained        bool        `json:"c,omitempty"` // made with the credentials of a role
}

// OfRole says whether the session is a role's, and not its owner's own.
func (s *Session) OfRole() bool { return s.Name != "" }

// expired is sigv4.ErrExpiredToken from the session's end on.
func (s *Session) expired(now time.Time) error {
	if now.Unix() >= s.ExpiresAt {
		return sigv4.ErrExpiredToken
	}
	return nil
}

// HasPolicies says whether the session may do less than its owner.
func (s *Session) HasPolicies() bool { return s.Policy != "" || len(s.PolicyARNs) > 0 }

// identity is who the session of a user or role is.
func (s *Session) identity(p *store.Principal) Identity {
	if p.Kind == store.IAMUser {
		return userIdentity(p)
	}
	return Identity{
		Kind:    store.IAMRole,
		Name:    s.Name,
		ARN:     "arn:aws:sts::" + s.AccountID + ":assumed-role/" + p.Name + "/" + s.Name,
		UserID:  s.Owner + ":" + s.Name,
		RoleARN: PrincipalARN(p),
	}
}

// Credentials are temporary credentials just made.
type Credentials struct {
	AccessKeyID     string // ASIA…
	SecretAccessKey string
	SessionToken    string
	Expiration      time.Time
}

// MaxToken is the length of the longest session token, in bytes.
const MaxToken = 4096

// ErrTokenTooLarge means that policies and tags do not fit into a token.
var ErrTokenTooLarge = errors.New("session token too large")

// sessions makes session tokens and opens them.
type sessions struct {
	box    *seal.Box
	secret []byte // that the secrets of sessions are derived from
}

func newSessions(master *seal.Key) *sessions {
	return &sessions{box: master.Box("session token"), secret: master.Derive("session secret")}
}

// make makes the credentials of a session. The token is the session, packed
// and sealed for its access key id alone; the size is the part of a token's
// room that it takes, in percent.
func (s *sessions) make(session *Session) (c Credentials, size int, err error) {
	packed, err := pack(session)
	if err != nil {
		return c, 0, err
	}
	id := iamid.New(iamid.SessionKey)
	token := base64.StdEncoding.EncodeToString(s.box.Seal(packed, id))
	size = (len(token)*100 + MaxToken - 1) / MaxToken
	if len(token) > MaxToken {
		return c, size, ErrTokenTooLarge
	}
	return Credentials{
		AccessKeyID:     id,
		SecretAccessKey: s.secretKey(id),
		SessionToken:    token,
		Expiration:      time.Unix(session.ExpiresAt, 0).UTC(),
	}, size, nil
}

// secretKey derives the secret of an access key id, in the form of AWS's: 240
// bits in 40 characters.
func (s *sessions) secretKey(id string) string {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(id))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil)[:30])
}

// open gives the session of a token. One that is not ours, not whole or not of
// that access key is sigv4.ErrUnknownKey.
func (s *sessions) open(id, token string) (*Session, error) {
	if len(token) > MaxToken {
		return nil, sigv4.ErrUnknownKey
	}
	envelope, err := base64.StdEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, sigv4.ErrUnknownKey
	}
	packed, err := s.box.Open(envelope, id)
	if err != nil {
		return nil, sigv4.ErrUnknownKey
	}
	return unpack(packed)
}

func pack(s *Session) ([]byte, error) {
	text, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// unpack reads what pack has written: nobody else has the key.
func unpack(packed []byte) (*Session, error) {
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, err
	}
	s := new(Session)
	return s, json.Unmarshal(text, s)
}
