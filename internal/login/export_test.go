package login

import (
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// WeakHash is a hash as an older program might have made it.
func WeakHash(password string) string {
	salt := []byte("saltsaltsaltsalt")
	return fmt.Sprintf("$argon2id$v=%d$m=64,t=1,p=2$%s$%s", argon2.Version, base64.RawStdEncoding.EncodeToString(salt),
		base64.RawStdEncoding.EncodeToString(argon2.IDKey([]byte(password), salt, 1, 64, 2, hashSize)))
}
