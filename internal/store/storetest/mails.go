package storetest

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/store"
)

// newMail is a mail that waits, whose times all differ.
func (f *fixture) newMail(u store.User, kind string) store.Mail {
	return store.Mail{
		NamespaceID: u.NamespaceID,
		UserID:      u.ID,
		Kind:        kind,
		ID:          uuid.New(),
		Sealed:      []byte("\x00\xff" + kind),
		State:       store.MailWaiting,
		CreatedAt:   f.now().Add(-time.Minute),
		DueAt:       f.now(),
		ExpiresAt:   f.now().Add(time.Hour),
	}
}

// failedMail is a mail that was given up.
func (f *fixture) failedMail(u store.User, kind string) store.Mail {
	m := f.newMail(u, kind)
	m.Sealed, m.State, m.Tries, m.Problem = nil, store.MailFailed, 7, "550 5.1.1 <é'@example.com>: no such user"
	m.EndedAt = f.now().Add(time.Minute)
	return m
}

// post adds a mail.
func (f *fixture) post(m store.Mail) store.Mail {
	f.Helper()
	f.update(func(tx store.Tx) error { return tx.PutMail(m) })
	return m
}

// mails fails unless the mails are as they were.
func (f *fixture) mails(all ...store.Mail) {
	f.Helper()
	f.view(func(r store.Reader) error {
		for _, want := range all {
			got, err := r.Mail(want.NamespaceID, want.UserID, want.Kind)
			if err != nil {
				return err
			}
			f.same(want, got)
			if (got.Sealed == nil) != (want.Sealed == nil) {
				f.Errorf("content is %v, want %v", got.Sealed, want.Sealed)
			}
		}
		return nil
	})
}

// noMail fails unless the mails are gone, not just hidden.
func (f *fixture) noMail(all ...store.Mail) {
	f.Helper()
	for _, m := range all {
		f.missing(store.RecordMail, func(r store.Reader) error {
			_, err := r.Mail(m.NamespaceID, m.UserID, m.Kind)
			return err
		})
		f.refusedFor(store.ErrNotFound, store.RecordMail, func(tx store.Tx) error { return tx.UpdateMail(m) })
	}
}

// due gives the kinds of the mails that are due.
func (f *fixture) due(at time.Time, limit int) (kinds []string) {
	f.Helper()
	f.view(func(r store.Reader) error {
		due, err := r.DueMails(at, limit)
		for _, m := range due {
			kinds = append(kinds, m.Kind)
		}
		return err
	})
	return kinds
}

func mailsReadBackAsWritten(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	waiting := f.post(f.newMail(u, "invitation"))
	f.noMail(f.newMail(u, "Invitation"), f.newMail(u, ""), f.newMail(other, "invitation"), f.newMail(twin, "invitation"))
	sent := f.newMail(u, "sent")
	sent.Sealed, sent.State, sent.Tries, sent.EndedAt = nil, store.MailSent, 1, f.now().Add(time.Second)
	f.post(sent)
	failed := f.post(f.failedMail(u, "failed"))
	others, twins := f.post(f.newMail(other, "invitation")), f.post(f.newMail(twin, "invitation"))
	f.mails(waiting, sent, failed, others, twins)
}

func mailTakesThePlaceOfItsKind(f *fixture) {
	u := f.create(f.newUser("ana"))
	first, other := f.post(f.newMail(u, "invitation")), f.post(f.newMail(u, "reset"))
	second := f.post(f.failedMail(u, "invitation"))
	f.mails(second, other)
	f.refusedFor(store.ErrNotFound, store.RecordMail, func(tx store.Tx) error { return tx.UpdateMail(first) })
	third := f.newMail(u, "invitation")
	third.CreatedAt, third.ExpiresAt = third.CreatedAt.Add(time.Hour), third.ExpiresAt.Add(time.Hour)
	f.post(third)
	f.post(third) // is in its own place
	f.mails(third, other)
	f.same(2, len(f.due(f.now(), 10)))
}

func mailIsOfAUserAndHasItsOwnID(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	m := f.post(f.newMail(u, "invitation"))
	for _, second := range []store.Mail{f.newMail(other, "invitation"), f.newMail(u, "reset")} {
		second.ID = m.ID
		f.refusedFor(store.ErrExists, store.RecordMail, func(tx store.Tx) error { return tx.PutMail(second) })
	}
	nobodys := f.newMail(f.newUser("stranger"), "invitation")
	f.refusedFor(store.ErrConflict, store.RecordMail, func(tx store.Tx) error { return tx.PutMail(nobodys) })
	f.noMail(nobodys)
	f.mails(m)
}

func mailIsReplacedInPart(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	want, others := f.post(f.newMail(u, "invitation")), f.post(f.newMail(other, "invitation"))
	update := func(change func(*store.Mail)) {
		f.Helper()
		change(&want)
		f.update(func(tx store.Tx) error {
			m := want
			m.NamespaceID, m.UserID, m.Kind = 0, other.ID, "reset" // which may not change
			return tx.UpdateMail(m)
		})
		f.mails(want, others)
	}
	update(func(m *store.Mail) {
		m.Sealed, m.Tries, m.Problem, m.DueAt = []byte("again"), 1, "timeout", f.now().Add(time.Minute)
		m.ExpiresAt = f.now().Add(2 * time.Hour)
	})
	update(func(m *store.Mail) { m.Sealed, m.State, m.EndedAt = nil, store.MailFailed, f.now() })
	update(func(m *store.Mail) {
		m.Sealed, m.State, m.Tries, m.Problem, m.EndedAt = []byte{0}, store.MailWaiting, 0, "", time.Time{}
	})
	f.noMail(f.newMail(other, "reset"))
}

func mailIsTakenBack(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	m, reset := f.post(f.newMail(u, "invitation")), f.post(f.newMail(u, "reset"))
	others, twins := f.post(f.newMail(other, "invitation")), f.post(f.newMail(twin, "invitation"))
	back := func(tx store.Tx) error { return tx.DeleteMail(u.NamespaceID, u.ID, m.Kind) }
	f.accept(back, back) // there need not be one
	f.noMail(m)
	f.mails(reset, others, twins)
}

func mailsGoWithTheirUser(f *fixture) {
	u, other := f.create(f.newUser("ana")), f.create(f.newUser("ben"))
	twin, _, _ := f.twin(u)
	waiting, failed := f.post(f.newMail(u, "waiting")), f.post(f.failedMail(u, "failed"))
	others, twins := f.post(f.newMail(other, "others")), f.post(f.newMail(twin, "twins"))
	f.update(func(tx store.Tx) error { return tx.DeleteUser(u.NamespaceID, u.ID) })
	f.noMail(waiting, failed)
	f.create(u) // who gets nothing back
	f.noMail(waiting, failed)
	f.mails(others, twins)
	f.same(2, len(f.due(f.now(), 10)))
}

func dueMailsComeInOrderOfTheirTime(f *fixture) {
	u := f.create(f.newUser("ana"))
	twin, _, _ := f.twin(u)
	at := f.now()
	add := func(u store.User, kind string, state store.MailState, due time.Duration) store.Mail {
		m := f.newMail(u, kind)
		m.State, m.DueAt, m.ExpiresAt = state, at.Add(due), at.Add(-time.Hour) // that it is of no use, a rule says
		return f.post(m)
	}
	add(u, "later", store.MailWaiting, time.Millisecond)
	third := add(u, "now", store.MailWaiting, 0)
	first := add(twin, "first", store.MailWaiting, -time.Hour)
	add(u, "sent", store.MailSent, -2*time.Hour)
	add(u, "failed", store.MailFailed, -2*time.Hour)
	second := add(u, "second", store.MailWaiting, -time.Minute)
	f.view(func(r store.Reader) error {
		for _, limit := range []int{0, 1, 2, 3, 9} {
			due, err := r.DueMails(at, limit)
			if err != nil {
				return err
			}
			f.same([]store.Mail{first, second, third}[:min(limit, 3)], due)
		}
		return nil
	})
	f.same([]string{"first", "second", "now", "later"}, f.due(at.Add(time.Millisecond), 10))
	first.State, second.DueAt = store.MailSent, at.Add(time.Hour)
	f.accept(
		func(tx store.Tx) error { return tx.UpdateMail(first) },
		func(tx store.Tx) error { return tx.UpdateMail(second) })
	f.same([]string{"now"}, f.due(at, 10))
	for i := range 5 { // due at once: all come, in whatever order
		add(u, fmt.Sprint(i), store.MailWaiting, -time.Hour)
	}
	f.same(6, len(f.due(at, 10)))
	f.same(4, len(f.due(at, 4)))
}
