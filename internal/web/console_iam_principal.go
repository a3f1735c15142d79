package web

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"rollcall/internal/iam"
	"rollcall/internal/store"
)

// iamEntity is a user or a role.
type iamEntity struct {
	store.Principal
	ARN string
}

// principal finds the user or role that a page is about.
func (v *visit) principal(k iamKind) (iamEntity, error) {
	name := v.value(k.Field())
	switch {
	case name == "": // which would stand for the caller
		return iamEntity{}, &iam.Error{Code: iam.NoSuchEntity}
	case k.IsUser():
		u, err := v.p.IAM.GetUser(v.r.Context(), v.caller, name)
		return iamEntity(u), err
	}
	r, err := v.p.IAM.GetRole(v.r.Context(), v.caller, name)
	return iamEntity(r), err
}

// principalPage is all about one user or role.
type principalPage struct {
	Console
	Kind     iamKind
	Entity   iamEntity
	Tags     []iam.Tag
	Keys     []iam.AccessKey
	Inline   []inlineRow
	More     string // address of the inline policies behind those; "": there are none
	First    string // address of the first of them; "": they are shown
	Attached []attachedRow

	Links    principalLinks
	Role     roleForm
	Problem  string // why something was refused; "": nothing was
	About    string // part of the page that the problem is about
	Sessions []choice
}

// Parts of the page that a problem can be about.
const (
	aboutTrust    = "trust"
	aboutSettings = "settings"
	aboutKeys     = "keys"
	aboutPolicies = "policies"
)

// principalLinks are addresses of pages about one user or role.
type principalLinks struct{ Page, Delete, Inline, Attach string }

type inlineRow struct{ Name, Path string }

type attachedRow struct{ Name, ARN, Path string }

// maxKeys is how many access keys a user can have.
const maxKeys = 2

// Full says whether there is no room for another access key.
func (p principalPage) Full() bool { return len(p.Keys) >= maxKeys }

// inlineOnPage is how many inline policies are on a page.
const inlineOnPage = 8

func (v *visit) openPrincipal(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	return v.showPrincipal(http.StatusOK, k, e, principalPage{Role: newRoleForm(&e)})
}

// showPrincipal completes the page with what is in the store.
func (v *visit) showPrincipal(status int, k iamKind, e iamEntity, page principalPage) (err error) {
	page.Console, page.Kind, page.Entity = v.page("Access", e.Name), k, e
	page.Links = principalLinks{k.page("", e.Name), k.page("/delete", e.Name), k.page("/policy", e.Name), k.page("/attach", e.Name)}
	page.Tags, page.Sessions = tagsShown(e.Tags), sessionsFor(page.Role.MaxSessionDuration)
	for _, arn := range e.Attached {
		page.Attached = append(page.Attached, attachedRow{arn[strings.LastIndex(arn, "/")+1:], arn, policyAddress(arn)})
	}
	if err = v.readInline(k, &page); err != nil {
		return v.oldMarker(err, page.Links.Page)
	}
	if k.IsUser() {
		page.Keys, _, err = v.p.IAM.ListAccessKeys(v.r.Context(), v.caller, e.Name, iam.Page{})
		if err != nil {
			return err
		}
	}
	return v.show(status, "iam-"+k.Noun+".html", page)
}

// readInline reads the part of the inline policies that the address asks for.
func (v *visit) readInline(k iamKind, page *principalPage) error {
	name, part := page.Entity.Name, iam.Page{Size: inlineOnPage, Marker: v.value("Marker")}
	names, marker, err := v.p.IAM.ListInlinePolicies(v.r.Context(), v.caller, k.ref(name), part)
	for _, policy := range names {
		page.Inline = append(page.Inline, inlineRow{policy, k.page("/policy", name, "PolicyName", policy)})
	}
	if part.Marker != "" {
		page.First = page.Links.Page + "#policies"
	}
	if marker != "" {
		page.More = k.page("", name, "Marker", marker) + "#policies"
	}
	return err
}

// saved ends a change of a user or role: with the page that tells of it, or
// with the one that it was sent from.
func (v *visit) saved(k iamKind, e iamEntity, page principalPage, err error, done string) error {
	if text, ok := v.refusal(err); ok {
		page.Problem = text
		return v.showPrincipal(http.StatusUnprocessableEntity, k, e, page)
	}
	if err != nil {
		return err
	}
	if v.r.URL.Query().Get("Then") == "delete" {
		return v.leave(k.page("/delete", e.Name, "done", done))
	}
	return v.leave(k.page("", e.Name, "done", done))
}

// tagsShown are tags in the order of their keys, cut to what a page has room
// for.
func tagsShown(tags store.Tags) (shown []iam.Tag) {
	for key, value := range tags {
		shown = append(shown, iam.Tag{Key: short(key, 40), Value: short(value, 60)})
	}
	slices.SortFunc(shown, func(a, b iam.Tag) int { return strings.Compare(a.Key, b.Key) })
	return shown
}

// maxDocument is how many bytes a document takes up in a page at most, if it
// can be written so.
const maxDocument = 20_000

// legible writes a JSON document so that people can read it: in many lines, if
// it has only one and is not too long for that.
func legible(document string) string {
	text := document
	var b bytes.Buffer
	if !strings.Contains(text, "\n") && json.Indent(&b, []byte(text), "", "  ") == nil {
		text = b.String()
	}
	if b.Reset(); shownSize(text) > maxDocument && json.Compact(&b, []byte(text)) == nil {
		return b.String()
	}
	return text
}
