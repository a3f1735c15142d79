package store

import (
	"reflect"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

func drawRecord(t *rapid.T) AuditRecord {
	text := rapid.StringN(0, 200, -1)
	r := AuditRecord{ReadOnly: rapid.Bool().Draw(t, "read only")}
	for _, field := range r.fields() {
		*field = text.Draw(t, "field")
	}
	copy(r.RequestID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "request"))
	r.Caller.SessionStart = fromMillis(rapid.Int64Range(0, 1<<50).Draw(t, "start"))
	return r
}

func TestRecordsUnpackAsTheyWerePacked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, got := drawRecord(t), AuditRecord{}
		if err := got.Unpack(want.Pack()); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%+v %v\nwant %+v", got, err, want)
		}
	})
}

// What was packed before a field was added has none of it.
func TestOldRecordsLackTheLastFields(t *testing.T) {
	r := AuditRecord{Action: "test:Do", RequestID: uuid.New()}
	packed := r.Pack()
	var got AuditRecord
	if err := got.Unpack(packed[:len(packed)-2]); err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("%+v %v, want %+v", got, err, r)
	}
}

func FuzzUnpack(f *testing.F) {
	r := AuditRecord{Action: "test:Do", Parameters: "{}"}
	f.Add(r.Pack())
	f.Add([]byte{auditVersion, 0, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		var r AuditRecord
		if r.Unpack(b) != nil {
			return
		}
		var again AuditRecord
		if err := again.Unpack(r.Pack()); err != nil || !reflect.DeepEqual(again, r) {
			t.Errorf("%+v %v, want %+v", again, err, r)
		}
	})
}
