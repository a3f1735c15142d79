package directory

import (
	"encoding/base64"
	"encoding/binary"
	"time"
)

// pageTokenLife is how long a page token is good for, as AWS documents it for
// ListNamespaces.
const pageTokenLife = 24 * time.Hour

// defaultPageSize is the size of a page when none is asked for.
const defaultPageSize = 100

// Page says which part of a list is wanted.
type Page struct {
	Size  int    // 1 to 100; 0: the default
	Token string // from the part before; "": the first part
}

func (p Page) size() int {
	if p.Size == 0 {
		return defaultPageSize
	}
	return p.Size
}

// sealPosition makes the token for what follows a position in a list. It is
// good for that list only.
func (d *Directory) sealPosition(list string, position []byte) string {
	expires := binary.BigEndian.AppendUint64(nil, uint64(d.now().Add(pageTokenLife).UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(d.pages.Seal(append(expires, position...), list))
}

// openPosition reads a token of a list; "" is the beginning, where position
// is nil.
func (d *Directory) openPosition(list, token string) (position []byte, err error) {
	if token == "" {
		return nil, nil
	}
	refused := &Error{Kind: InvalidToken, Message: "The NextToken value isn't valid."}
	envelope, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return nil, refused
	}
	value, err := d.pages.Open(envelope, list)
	if err != nil || len(value) < 8 {
		return nil, refused
	}
	expires := time.UnixMilli(int64(binary.BigEndian.Uint64(value)))
	if !d.now().Before(expires) {
		return nil, refused
	}
	return value[8:], nil
}
