package sqlstore_test

import (
	"path/filepath"
	"testing"
	"time"

	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
	"rollcall/internal/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T, now func() time.Time) store.Store {
		s, err := sqlstore.Open(t.Context(), filepath.Join(t.TempDir(), "test.db"), sqlstore.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
}
