package store

import (
	"encoding/binary"
	"errors"
	"time"
)

// An audit record is written with every change and hardly ever read, so all of
// it that nobody selects by is one value: a version, and then the fields in
// their order, each as its length and its bytes. Fields may be added at the
// end; those that an old record does not have are "".
const auditVersion = 1

// errAuditRecord means that a packed record is none.
var errAuditRecord = errors.New("damaged audit record")

// Pack gives all of the record but ID, account, name of the caller and subject.
func (r *AuditRecord) Pack() []byte {
	n := 64 + len(r.Parameters) + len(r.Response) + len(r.Resource) + len(r.UserAgent) + len(r.Caller.ARN) + len(r.Caller.RoleARN) + len(r.ErrorMessage)
	b := append(make([]byte, 0, n+128), auditVersion, flags(r))
	b = binary.AppendVarint(b, millis(r.Caller.SessionStart))
	b = append(b, r.RequestID[:]...)
	for _, field := range r.fields() {
		b = binary.AppendUvarint(b, uint64(len(*field)))
		b = append(b, *field...)
	}
	return b
}

// Unpack reads what Pack has written.
func (r *AuditRecord) Unpack(b []byte) error {
	if len(b) < 2 || b[0] != auditVersion {
		return errAuditRecord
	}
	r.ReadOnly = b[1]&readOnlyFlag != 0
	ms, n := binary.Varint(b[2:])
	if n <= 0 || len(b) < 2+n+len(r.RequestID) {
		return errAuditRecord
	}
	r.Caller.SessionStart = fromMillis(ms)
	b = b[2+n:]
	b = b[copy(r.RequestID[:], b):]
	for _, field := range r.fields() {
		length, n := binary.Uvarint(b)
		if n <= 0 && len(b) == 0 {
			return nil
		}
		if n <= 0 || length > uint64(len(b)-n) {
			return errAuditRecord
		}
		*field, b = string(b[n:n+int(length)]), b[n+int(length):]
	}
	return nil
}

const readOnlyFlag = 1

func flags(r *AuditRecord) byte {
	if r.ReadOnly {
		return readOnlyFlag
	}
	return 0
}

// fields are the texts of a packed record, in the order in which they are
// written. New ones go to the end.
func (r *AuditRecord) fields() [14]*string {
	return [...]*string{
		&r.Action, &r.Region, (*string)(&r.Caller.Kind), &r.Caller.ARN, &r.Caller.PrincipalID, &r.Caller.AccessKeyID,
		&r.Caller.RoleARN, &r.SourceIP, &r.UserAgent, &r.ErrorCode, &r.ErrorMessage, &r.Resource, &r.Parameters,
		&r.Response,
	}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
