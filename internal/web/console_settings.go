package web

import (
	"net/http"
	"strings"

	"rollcall/internal/directory"
	"rollcall/internal/store"
)

// Paths of the pages about the account.
const (
	settingsPath        = consolePath + "/settings"
	settingsNamePath    = settingsPath + "/name"
	settingsAccountPath = settingsPath + "/account"
	settingsSharingPath = settingsPath + "/sharing"
)

// settingsDone are the texts for what was changed of the account.
var settingsDone = map[string]string{
	"account-renamed": "The account is renamed. Tell everybody: they need the name to sign in.",
	"account-changed": "The settings are saved.",
	"sharing-changed": "Public sharing is changed.",
}

func (p *Pages) settingRoutes() {
	p.administrator("GET "+settingsPath, (*visit).openSettings)
	p.administrator("POST "+settingsNamePath, (*visit).renameAccount)
	p.administrator("POST "+settingsAccountPath, (*visit).updateAccount)
	p.administrator("POST "+settingsSharingPath, (*visit).updateSharing)
}

// settingsPage is all about the account.
type settingsPage struct {
	Console
	Account  store.Account
	Users    string                    // how many
	Settings directory.AccountSettings // with what was typed
	Problem  string                    // why the last try was refused; "": there was none
	Field    string                    // which field the problem is about
}

func (v *visit) openSettings() error {
	return v.showSettings(http.StatusOK, func(*settingsPage) {})
}

// showSettings shows the settings with what was typed.
func (v *visit) showSettings(status int, typed func(*settingsPage)) error {
	s, err := v.p.Directory.DescribeAccountSettings(v.r.Context(), v.caller, v.in.Account.ID)
	if err != nil {
		return err
	}
	page := settingsPage{Console: v.page("Settings", "Settings"), Account: v.in.Account, Users: grouped(v.in.Account.Users), Settings: s}
	typed(&page)
	return v.show(status, "settings.html", page)
}

func (v *visit) renameAccount() error {
	name := v.value("AccountName")
	err := v.p.Directory.RenameAccount(v.r.Context(), v.caller, v.in.Account.ID, name)
	text, mine := refused(err)
	switch {
	case err == nil:
		return v.leave(settingsPath + "?done=account-renamed")
	case !mine:
		return err
	case !directory.ValidAccountName(name):
		text = "This cannot be the name of an account. A name has 1 to 62 letters, digits and hyphens, " +
			"begins and ends with a letter or a digit, and does not begin with D- or d-."
	}
	return v.showSettings(http.StatusUnprocessableEntity, func(page *settingsPage) {
		page.Settings.AccountName, page.Problem, page.Field = name, text, "AccountName"
	})
}

func (v *visit) updateAccount() error {
	email := v.value("NotificationEmail")
	protected, err := v.flag("TerminationProtectionEnabled")
	if err == nil {
		err = v.p.Directory.UpdateAccountSettings(v.r.Context(), v.caller, v.in.Account.ID, email, protected)
	}
	if isKind(err, directory.Invalid) {
		text, _ := refused(err)
		return v.showSettings(http.StatusUnprocessableEntity, func(page *settingsPage) {
			page.Settings.NotificationEmail, page.Settings.TerminationProtection = email, protected
			page.Problem, page.Field = broken(text), "NotificationEmail"
		})
	}
	if err != nil {
		return err
	}
	return v.leave(settingsPath + "?done=account-changed")
}

// broken is the rule that a value breaks, without the value, which is in the
// form, and may be long.
func broken(text string) string {
	if _, rule, ok := strings.Cut(text, "constraint: "); ok {
		return "This is not taken: " + strings.Replace(rule, "Member", "it", 1) + "."
	}
	return text
}

func (v *visit) updateSharing() error {
	enabled, err := v.flag("PublicSharingEnabled")
	if err == nil {
		err = v.p.Directory.UpdatePublicSharing(v.r.Context(), v.caller, v.in.Account.ID, enabled)
	}
	if err != nil {
		return err
	}
	return v.leave(settingsPath + "?done=sharing-changed")
}
