package audit

import (
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// number counts records, so that those of one millisecond keep their order.
var number atomic.Uint32

// NewID makes a UUIDv7 (RFC 9562, section 5.7) of a time that is the store's
// and not the machine's.
func NewID(at time.Time) uuid.UUID {
	id := uuid.New()
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(at.UnixMilli()))
	copy(id[:6], ms[2:])
	binary.BigEndian.PutUint16(id[6:8], 0x7000|uint16(number.Add(1)&0xfff))
	return id
}
