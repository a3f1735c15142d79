package store

import (
	"time"

	"github.com/google/uuid"
)

// AuditRecord is what is kept of a call: a record of CloudTrail in its
// smallest form.
type AuditRecord struct {
	// ID is a UUIDv7 whose time is the call's: records come in its order.
	ID           uuid.UUID
	AccountID    string
	Action       string // such as quicksight:RegisterUser
	Region       string // that the request was signed for
	ReadOnly     bool
	Caller       AuditCaller
	Subject      string // name of the user whom the call is about; "": of none
	SourceIP     string
	UserAgent    string
	RequestID    uuid.UUID
	ErrorCode    string // "": the call did what it was asked
	ErrorMessage string
	Resource     string // ARN; "": none, or of many
	Parameters   string // JSON object without secrets; "": none
	Response     string // JSON object without secrets; "": none
}

// AuditCaller is who called.
type AuditCaller struct {
	Kind         IAMKind
	Name         string // of the IAM user; of the session for a role; "root"
	ARN          string // of a role: of its session
	PrincipalID  string // as in aws:userid
	AccessKeyID  string
	RoleARN      string    // of a role
	SessionStart time.Time // zero for long-term keys
}

// AuditQuery selects audit records of an account.
type AuditQuery struct {
	AccountID    string
	Backwards    bool      // the newest first
	After        uuid.UUID // only records behind this one in the list
	Since, Until time.Time // Since ≤ time < Until; zero: no bound
	Name         string    // only where caller or subject has this name; "": all
	Limit        int
}

// AuditReader reads audit records.
type AuditReader interface {
	// AuditPage lists records in the order of their IDs, or against it: up to
	// the limit, and fewer where they are large; more says whether others
	// follow.
	AuditPage(AuditQuery) (page []AuditRecord, more bool, err error)
	// AuditRecord finds a record of an account.
	AuditRecord(accountID string, id uuid.UUID) (AuditRecord, error)
}

// AuditWriter adds audit records, and removes old ones.
type AuditWriter interface {
	CreateAuditRecord(AuditRecord) error
	// PruneAuditRecords removes up to limit records from before a time, over
	// all accounts, and says how many.
	PruneAuditRecords(before time.Time, limit int) (int, error)
}

// LeaseWriter shares background work out among servers.
type LeaseWriter interface {
	// Lease takes or extends the lease of a name for an owner. It says no
	// while another's has not ended.
	Lease(name, owner string, until time.Time) (bool, error)
}
