package web

import (
	"bytes"
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"rollcall/internal/audit"
	"rollcall/internal/store"
)

const (
	recordPath     = consolePath + "/record"
	recordFilePath = recordPath + "/{id}/json"
)

func (p *Pages) recordRoutes() {
	p.administrator("GET "+recordPath, (*visit).listRecords)
	p.administrator("GET "+recordPath+"/{id}", (*visit).openRecord)
	p.administrator("GET "+recordFilePath, (*visit).sendRecord)
}

// recordFilter is what records are searched by.
type recordFilter struct{ Name, Since string }

// sinces are how far back a search goes.
var sinces = []choice{
	{Value: "", Label: "All times"},
	{Value: "1h", Label: "The last hour"},
	{Value: "24h", Label: "The last 24 hours"},
	{Value: "168h", Label: "The last 7 days"},
}

// known says whether the filter is one that the form makes.
func (f recordFilter) known() bool {
	return label(sinces, f.Since) != f.Since && len(f.Name) <= maxRecordName
}

// maxRecordName is how many bytes of a name a record keeps.
const maxRecordName = 1 << 10

// path is the address of the page behind a record, "" for the first.
func (f recordFilter) path(after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"Name": f.Name, "Since": f.Since, "After": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return strings.TrimSuffix(recordPath+"?"+q.Encode(), "?")
}

// query is what the store is asked for.
func (f recordFilter) query(after uuid.UUID, now time.Time) store.AuditQuery {
	q := store.AuditQuery{Backwards: true, After: after, Name: f.Name, Limit: recordsOnPage}
	if back, err := time.ParseDuration(f.Since); err == nil {
		q.Since = now.Add(-back)
	}
	return q
}

// recordsOnPage is how many records are on a page, and recordBytes how many
// bytes they take up there: fewer are shown where they are large.
const (
	recordsOnPage = 50
	recordBytes   = 22_500
)

// recordPage is a part of the record.
type recordPage struct {
	Console
	Filter      recordFilter
	Sinces      []choice
	Rows        []recordRow
	First, Next string // addresses; "": there is none
}

// listRecords shows a part of the record, the newest first. What no form asks
// for leads to all of it.
func (v *visit) listRecords() error {
	f := recordFilter{v.value("Name"), v.value("Since")}
	after, err := uuid.Parse(cmp.Or(v.value("After"), uuid.Nil.String()))
	if err != nil || !f.known() {
		return v.leave(recordPath)
	}
	records, more, err := v.p.Guard.History(v.r.Context(), v.caller, f.query(after, v.p.Now()))
	if err != nil {
		return err
	}
	page := recordPage{Console: v.page("Record", "Record"), Filter: f, Sinces: sinces}
	page.Rows = recordRows(records)
	if after != uuid.Nil {
		page.First = f.path("")
	}
	if shown := len(page.Rows); shown > 0 && (more || shown < len(records)) {
		page.Next = f.path(records[shown-1].ID.String())
	}
	return v.show(http.StatusOK, "record.html", page)
}

// recordRow is a record as the list and its own page show it.
type recordRow struct {
	ID        string
	At        time.Time
	Name      string // of who called
	By        string // what that is, and the key
	Operation string
	Service   string
	About     string
	From      string
	Failure   string // code of the error; "": it was done
}

// recordRows are as many of the records as a page has room for, of which there
// is at least one.
func recordRows(records []store.AuditRecord) (rows []recordRow) {
	left := recordBytes
	for _, r := range records {
		row := newRecordRow(&r)
		if left -= row.size(); left < 0 && len(rows) > 0 {
			break
		}
		rows = append(rows, row)
	}
	return rows
}

// rowMarkup is about how many bytes a row takes up beside its texts.
const rowMarkup = 345

func (r *recordRow) size() int {
	return rowMarkup + shownSize(r.Name+r.By+r.Operation+r.Service+r.About+r.From+r.Failure)
}

func newRecordRow(r *store.AuditRecord) recordRow {
	service, operation, _ := strings.Cut(r.Action, ":")
	row := recordRow{
		ID: r.ID.String(), At: audit.MadeAt(r.ID),
		Name: short(cmp.Or(r.Caller.Name, "Somebody"), 100), By: short(calledBy(&r.Caller), 100),
		Operation: short(operation, 100), Service: short(service, 50),
		About: short(r.Subject, 100), From: short(r.SourceIP, 50), Failure: short(r.ErrorCode, 100),
	}
	if row.Failure == "" && r.ErrorMessage != "" {
		row.Failure = "Failed"
	}
	return row
}

// calledBy says what a caller is, and by which key it called.
func calledBy(c *store.AuditCaller) string {
	switch c.Kind {
	case store.IAMRoot:
		return "account · " + c.AccessKeyID
	case store.IAMUser:
		return "IAM user · " + c.AccessKeyID
	case store.IAMRole:
		return "role · " + c.AccessKeyID
	}
	return "console"
}

// Time is to the second.
func (r recordRow) Time() string { return r.At.UTC().Format("2 Jan 2006, 15:04:05") }

// recordDetails is a page about one record.
type recordDetails struct {
	Console
	Row     recordRow
	Record  store.AuditRecord
	Message string // of the error
	JSON    string // as much of it as a page has room for
	Cut     bool   // it is not all of it
	File    string // address of all of it
}

// record finds the record that the address names.
func (v *visit) record() (store.AuditRecord, error) {
	id, err := uuid.Parse(v.r.PathValue("id"))
	if err != nil {
		return store.AuditRecord{}, errNoRecord
	}
	return v.p.Guard.HistoryRecord(v.r.Context(), v.caller, id)
}

// errNoRecord is for what is no ID of a record.
var errNoRecord error = &store.Error{Kind: store.ErrNotFound, Record: store.RecordAudit}

func (v *visit) openRecord() error {
	r, err := v.record()
	if err != nil {
		return err
	}
	page := recordDetails{Console: v.page("Record", "Record"), Row: newRecordRow(&r), Record: r, Message: short(r.ErrorMessage, 2000)}
	text := indented(audit.Render(&r))
	page.JSON = short(text, maxDocument)
	page.Cut, page.File = page.JSON != text, recordPath+"/"+page.Row.ID+"/json"
	return v.show(http.StatusOK, "record-one.html", page)
}

// indented writes JSON in many lines.
func indented(line []byte) string {
	var b bytes.Buffer
	if json.Indent(&b, line, "", "  ") != nil {
		return string(line)
	}
	return b.String()
}

// sendRecord sends a record as a file.
func (v *visit) sendRecord() error {
	r, err := v.record()
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+r.ID.String()+`.json"`)
	_, _ = v.w.Write(append(audit.Render(&r), '\n')) // fails when the visitor has left
	return nil
}
