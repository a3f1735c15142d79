package directory

import (
	"errors"
	"strings"
	"testing"
)

const account = "111122223333"

var here = scope{account, "default"}

// refused checks that err is a refusal of that kind whose text begins so; ""
// wants no refusal.
func refused(t testing.TB, err error, kind Kind, begins string) {
	t.Helper()
	if begins == "" {
		if err != nil {
			t.Errorf("refused: %v", err)
		}
		return
	}
	var e *Error
	if !errors.As(err, &e) || e.Kind != kind || !strings.HasPrefix(e.Message, begins) {
		t.Errorf("got %v, want a refusal of kind %d that begins with %q", err, kind, begins)
	}
}
