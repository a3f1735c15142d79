package directory

import (
	"time"

	"rollcall/internal/access"
	"rollcall/internal/mail"
	"rollcall/internal/store"
)

// mail puts a link on its way to a user, if mail is sent at all.
func (d *Directory) mail(tx store.Tx, c *access.Caller, u *store.User, kind mail.Kind, link string, expires time.Time) (bool, error) {
	if !d.outbox.On() {
		return false, nil
	}
	return true, d.outbox.Put(tx, u, kind, mail.Data{
		UserName: u.Name, AccountName: c.Account.Name, Link: link, Expires: expires})
}

// mailInstead puts a link on its way in the place of one that is worth nothing
// any more: the mail with that does not go out in any case.
func (d *Directory) mailInstead(tx store.Tx, c *access.Caller, u *store.User, kind mail.Kind, link string, expires time.Time, send bool) (bool, error) {
	if send && d.outbox.On() {
		return d.mail(tx, c, u, kind, link, expires)
	}
	return false, tx.DeleteMail(u.NamespaceID, u.ID, string(kind))
}

// takeBack deletes a mail that has not gone out yet. What is kept of others
// stays.
func takeBack(tx store.Tx, u *store.User, kind mail.Kind) error {
	m, err := tx.Mail(u.NamespaceID, u.ID, string(kind))
	if store.Missing(err, store.RecordMail) || err == nil && m.State != store.MailWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.DeleteMail(u.NamespaceID, u.ID, string(kind))
}

// Mails says whether links can be sent.
func (d *Directory) Mails() bool { return d.outbox.On() }
