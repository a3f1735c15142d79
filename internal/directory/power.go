package directory

import (
	"errors"

	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/mail"
	"rollcall/internal/seal"
	"rollcall/internal/store"
)

// setPower says whether a user manages IAM in the console, after a change: an
// administrator does who has become one by the hand of somebody who does.
// Others give nobody such power, and take it from whom they change into
// somebody else.
func (d *Directory) setPower(r store.Reader, c *access.Caller, before, now *store.User) error {
	became := access.IsAdministratorRole(now.Role) && !access.IsAdministratorRole(before.Role)
	if !access.IsAdministratorRole(now.Role) {
		now.ManagesIAM = false
		return nil
	}
	if !became && !becameAnother(before, now) {
		return nil
	}
	may, err := d.guard.ManagesIAM(r, c)
	if err != nil || !may {
		now.ManagesIAM = false
		return err
	}
	if became {
		now.ManagesIAM, err = mayBecome(r, before)
	}
	return err
}

// mayBecome says whether somebody may be given power: not while an invitation
// is open, which whoever registered him has.
func mayBecome(r store.Reader, before *store.User) (bool, error) {
	if before.ID == uuid.Nil { // he is being registered
		return true, nil
	}
	inv, err := r.Invitation(before.NamespaceID, before.ID)
	if store.Missing(err, store.RecordInvitation) {
		return true, nil
	}
	return !inv.UsedAt.IsZero(), err
}

// becameAnother says whether a user can do more than before, or be somebody
// else.
func becameAnother(before, now *store.User) bool {
	return now.Role != before.Role || now.Email != before.Email || now.ExternalLogin != before.ExternalLogin
}

// shutOut ends all that may be in other hands than the user's: sessions and
// links, also that of the invitation.
func shutOut(tx store.Tx, u *store.User) error {
	return errors.Join(signOut(tx, u), endInvitation(tx, u))
}

// signOut ends what a user may come in by without a password. An invitation
// stays, since whoever registered the user has it, but does not go to somebody
// else's mailbox any more.
func signOut(tx store.Tx, u *store.User) error {
	if _, err := tx.DeleteWebSessions(u.NamespaceID, u.ID, nil); err != nil {
		return err
	}
	_, err := tx.DeletePasswordReset(u.NamespaceID, u.ID)
	if err != nil {
		return err
	}
	return errors.Join(tx.DeleteMail(u.NamespaceID, u.ID, string(mail.Reset)), takeBack(tx, u, mail.Invitation))
}

// endInvitation makes an invitation that has not been used one that nobody has.
func endInvitation(tx store.Tx, u *store.User) error {
	inv, err := tx.Invitation(u.NamespaceID, u.ID)
	if store.Missing(err, store.RecordInvitation) || err == nil && !inv.UsedAt.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.PutInvitation(u.NamespaceID, u.ID, store.Invitation{SecretHash: seal.HashToken(seal.NewToken()), ExpiresAt: tx.Now()})
}

// readElsewhere says whether a mail with the user's invitation has gone out, so
// that it is in the mailbox of the address that the user had.
func readElsewhere(r store.Reader, u *store.User) (bool, error) {
	m, err := r.Mail(u.NamespaceID, u.ID, string(mail.Invitation))
	if store.Missing(err, store.RecordMail) {
		return false, nil
	}
	return m.State == store.MailSent || m.Tries > 0, err
}
