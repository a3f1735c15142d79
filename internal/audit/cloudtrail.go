package audit

import (
	"cmp"
	"encoding/binary"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"

	"rollcall/internal/store"
)

// event is a record as CloudTrail writes it.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
type event struct {
	EventVersion       string         `json:"eventVersion"`
	UserIdentity       userIdentity   `json:"userIdentity"`
	EventTime          string         `json:"eventTime"`
	EventSource        string         `json:"eventSource"`
	EventName          string         `json:"eventName"`
	AWSRegion          string         `json:"awsRegion"`
	SourceIPAddress    string         `json:"sourceIPAddress"`
	UserAgent          string         `json:"userAgent,omitempty"`
	ErrorCode          string         `json:"errorCode,omitempty"`
	ErrorMessage       string         `json:"errorMessage,omitempty"`
	RequestParameters  jsontext.Value `json:"requestParameters"`
	ResponseElements   jsontext.Value `json:"responseElements"`
	AdditionalData     *additional    `json:"additionalEventData,omitempty"`
	RequestID          string         `json:"requestID"`
	EventID            string         `json:"eventID"`
	ReadOnly           bool           `json:"readOnly"`
	Resources          []resource     `json:"resources,omitempty"`
	EventType          string         `json:"eventType"`
	ManagementEvent    bool           `json:"managementEvent"`
	RecipientAccountID string         `json:"recipientAccountId"`
	EventCategory      string         `json:"eventCategory"`
}

// additional is what CloudTrail has no member for.
type additional struct {
	Subject string `json:"subject"` // name of the user whom the call is about
}

// userIdentity is who called.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
type userIdentity struct {
	Type           string          `json:"type"`
	PrincipalID    string          `json:"principalId"`
	ARN            string          `json:"arn,omitempty"`
	AccountID      string          `json:"accountId,omitempty"` // but of web identities
	AccessKeyID    string          `json:"accessKeyId,omitempty"`
	UserName       string          `json:"userName,omitempty"` // of an IAM user or a role
	SessionContext *sessionContext `json:"sessionContext,omitempty"`
	Provider       string          `json:"identityProvider,omitempty"` // of a web identity
}

// sessionContext is what temporary credentials were made for.
type sessionContext struct {
	SessionIssuer *userIdentity     `json:"sessionIssuer,omitempty"` // the role of a role's session
	Attributes    sessionAttributes `json:"attributes"`
}

type sessionAttributes struct {
	CreationDate     string `json:"creationDate"`
	MFAAuthenticated string `json:"mfaAuthenticated"`
}

type resource struct {
	AccountID string `json:"accountId"`
	Type      string `json:"type,omitempty"`
	ARN       string `json:"ARN"`
}

// Render writes a record as one line of CloudTrail's JSON.
func Render(r *store.AuditRecord) []byte {
	service, operation, _ := strings.Cut(r.Action, ":")
	line, err := json.Marshal(&event{
		EventVersion:       "1.11",
		UserIdentity:       identity(&r.Caller, r.AccountID),
		EventTime:          timestamp(MadeAt(r.ID)),
		EventSource:        service + ".amazonaws.com",
		EventName:          operation,
		AWSRegion:          region(service, r.Region),
		SourceIPAddress:    r.SourceIP,
		UserAgent:          r.UserAgent,
		ErrorCode:          r.ErrorCode,
		ErrorMessage:       r.ErrorMessage,
		RequestParameters:  object(r.Parameters),
		ResponseElements:   response(r),
		AdditionalData:     subject(r),
		RequestID:          r.RequestID.String(),
		EventID:            r.ID.String(),
		ReadOnly:           r.ReadOnly,
		Resources:          resources(r),
		EventType:          eventType(service),
		ManagementEvent:    true,
		RecipientAccountID: r.AccountID,
		EventCategory:      "Management",
	}, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true))
	if err != nil {
		panic(err) // parameters and response are objects that rollcall wrote
	}
	return line
}

// eventType is another for what people do at the sign-in page.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
func eventType(service string) string {
	if service == "signin" {
		return "AwsConsoleSignIn"
	}
	return "AwsApiCall"
}

func subject(r *store.AuditRecord) *additional {
	if r.Subject == "" {
		return nil
	}
	return &additional{r.Subject}
}

func identity(c *store.AuditCaller, accountID string) userIdentity {
	id := userIdentity{
		PrincipalID:    c.PrincipalID,
		ARN:            c.ARN,
		AccountID:      accountID,
		AccessKeyID:    c.AccessKeyID,
		SessionContext: session(c, accountID),
	}
	switch c.Kind {
	default: // a user of QuickSight
		id.Type, id.UserName = "Unknown", c.Name
	case store.IAMRoot:
		id.Type = "Root"
	case store.WebIdentity:
		id.Type, id.UserName = "WebIdentityUser", c.Name
		id.Provider, id.ARN, id.AccountID = c.ARN, "", ""
	case store.IAMUser:
		id.Type, id.UserName = "IAMUser", c.Name
	case store.IAMRole:
		id.Type = "AssumedRole"
	}
	return id
}

// session is there for the session of a role and for one that a user or root
// has made of himself.
func session(c *store.AuditCaller, accountID string) *sessionContext {
	if c.SessionStart.IsZero() {
		return nil
	}
	s := &sessionContext{Attributes: sessionAttributes{CreationDate: timestamp(c.SessionStart), MFAAuthenticated: "false"}}
	if c.Kind == store.IAMRole {
		s.SessionIssuer = issuer(c, accountID)
	}
	return s
}

// issuer is the role of a session, whose unique id begins the session's.
func issuer(c *store.AuditCaller, accountID string) *userIdentity {
	uniqueID, _, _ := strings.Cut(c.PrincipalID, ":")
	return &userIdentity{
		Type:        "Role",
		PrincipalID: uniqueID,
		ARN:         c.RoleARN,
		AccountID:   accountID,
		UserName:    c.RoleARN[strings.LastIndex(c.RoleARN, "/")+1:],
	}
}

// MadeAt is the time in the ID of a record.
func MadeAt(id uuid.UUID) time.Time {
	return time.UnixMilli(int64(binary.BigEndian.Uint64(id[:8]) >> 16))
}

func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// region is that of the request; IAM is everywhere, and its events are in one.
func region(service, signedFor string) string {
	if service == "iam" {
		return "us-east-1"
	}
	return signedFor
}

// object is a stored JSON object, null when there is none.
func object(text string) jsontext.Value {
	if text == "" {
		return nil
	}
	return jsontext.Value(text)
}

// response is the stored one. That of RegisterUser, of which there are the
// most, follows from the rest of the record and is not stored.
func response(r *store.AuditRecord) jsontext.Value {
	if r.Action != "quicksight:RegisterUser" || r.ErrorCode != "" {
		return object(r.Response)
	}
	b := append([]byte(nil), `{"user":{"arn":`...)
	b, _ = jsontext.AppendQuote(b, r.Resource) // invalid UTF-8 becomes U+FFFD
	b = append(b, `,"userName":`...)
	b, _ = jsontext.AppendQuote(b, r.Subject)
	return append(b, "}}"...)
}

// resourceTypes are the names that CloudFormation has for kinds of resource of
// IAM. Those of QuickSight's users and groups have none.
var resourceTypes = map[string]string{
	"user":   "AWS::IAM::User",
	"role":   "AWS::IAM::Role",
	"policy": "AWS::IAM::Policy",
}

func resources(r *store.AuditRecord) []resource {
	if r.Resource == "" {
		return nil
	}
	res := resource{AccountID: r.AccountID, ARN: r.Resource}
	if parts := strings.SplitN(r.Resource, ":", 6); len(parts) == 6 {
		res.AccountID = cmp.Or(parts[4], r.AccountID)
		if kind, _, _ := strings.Cut(parts[5], "/"); parts[2] == "iam" {
			res.Type = resourceTypes[kind]
		}
	}
	return []resource{res}
}
