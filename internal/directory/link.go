package directory

import (
	"encoding/base64"
	"encoding/binary"
	"errors"

	"github.com/google/uuid"

	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// link is what stands in a link that is a user's alone: the user's key in the
// store with a secret behind it, so that finding what it opens needs no index
// over random hashes.
type link struct {
	namespaceID int64
	userID      uuid.UUID
	secret      []byte // the part that nobody can guess
}

func newLink(u *store.User, secret []byte) link { return link{u.NamespaceID, u.ID, secret} }

// url leads to a page of this server.
func (l link) url(publicURL, path string) string {
	token := binary.BigEndian.AppendUint64(nil, uint64(l.namespaceID))
	token = append(token, l.userID[:]...)
	token = append(token, l.secret...)
	return publicURL + path + "?token=" + base64.RawURLEncoding.EncodeToString(token)
}

// errLink means that a text is no token of a link.
var errLink = errors.New("no token of a link")

// linkSize is the size of a token before its encoding.
const linkSize = 8 + 16 + seal.TokenSize

// parseLink takes the one spelling that url gives: the decoder alone would pass
// over line breaks.
func parseLink(token string) (l link, err error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(linkSize) {
		return l, errLink
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(b) != linkSize {
		return l, errLink
	}
	return link{int64(binary.BigEndian.Uint64(b)), uuid.UUID(b[8:24]), b[24:]}, nil
}
