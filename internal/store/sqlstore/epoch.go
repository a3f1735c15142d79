package sqlstore

import (
	"errors"
	"sync/atomic"

	"rollcall/internal/store"
)

// epochs counts the commits that change what callers may do. It is in memory,
// since one process owns the database.
//
// It is odd, and even while such a commit is under way: a snapshot that is
// taken then may be of either side of it.
type epochs struct{ n atomic.Int64 }

func newEpochs() *epochs {
	e := new(epochs)
	e.n.Store(1)
	return e
}

// now is 0 while nobody can tell.
func (e *epochs) now() int64 {
	if n := e.n.Load(); n%2 == 1 {
		return n
	}
	return 0
}

// change runs a commit that begins the next epoch. A failed one begins it
// too, which costs readers no more than another look.
func (e *epochs) change(commit func() error) error {
	e.n.Add(1)
	defer e.n.Add(1)
	return commit()
}

// Epoch is that of the committed records, as long as this transaction sees
// nothing else.
func (t *tx) Epoch() int64 {
	if t.changed {
		return 0
	}
	t.toldEpoch = true
	return t.epoch
}

// errEpochMoved means that a view has been told an epoch, and that the snapshot
// it then got may be of another. It has seen nothing of it yet.
var errEpochMoved = errors.New("the epoch has changed")

// confirmEpoch holds the epoch from before a snapshot against that from after
// it. SQLite takes the snapshot when something is first read.
func (t *tx) confirmEpoch() error {
	if t.epochs == nil {
		return nil
	}
	moved := t.epochs.now() != t.epoch
	t.epochs = nil
	if !moved || t.epoch == 0 {
		return nil
	}
	t.epoch = 0
	if t.toldEpoch {
		return errEpochMoved
	}
	return nil
}

// setsEpoch says whether records of this kind are among those that say what
// callers may do.
func setsEpoch(record store.Record) bool {
	switch record {
	case store.RecordAccessKey, store.RecordPrincipal, store.RecordManagedPolicy, store.RecordNamespace:
		return true
	}
	return false
}
