package access

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/store"
)

// conditionKeys are the keys that a request has: the global ones, and those of
// its action.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func conditionKeys(c *Caller, s *standing, own map[string][]string) map[string][]string {
	id, at := &s.identity, c.Request.Time.UTC()
	keys := map[string]string{
		"aws:userid":           id.UserID,
		"aws:PrincipalArn":     id.ARN,
		"aws:PrincipalAccount": c.Account.ID,
		"aws:CurrentTime":      at.Format(time.RFC3339),
		"aws:EpochTime":        strconv.FormatInt(at.Unix(), 10),
		"aws:SecureTransport":  strconv.FormatBool(c.Request.Secure),
		"aws:SourceIp":         c.Request.SourceIP,
		"aws:UserAgent":        c.Request.UserAgent,
		"aws:RequestedRegion":  c.Request.Region,
	}
	switch id.Kind {
	case store.IAMRoot:
		keys["aws:PrincipalType"] = "Account"
	case store.IAMUser:
		keys["aws:PrincipalType"], keys["aws:username"] = "User", id.Name
	case store.IAMRole:
		keys["aws:PrincipalType"], keys["aws:PrincipalArn"] = "AssumedRole", id.RoleARN
	}
	if session := c.Session; session != nil {
		keys["aws:TokenIssueTime"] = time.Unix(session.IssuedAt, 0).UTC().Format(time.RFC3339)
		keys["aws:MultiFactorAuthPresent"] = "false"
		keys["aws:SourceIdentity"] = session.SourceIdentity
	}
	for name, value := range s.tags {
		keys["aws:PrincipalTag/"+name] = value
	}
	all := make(map[string][]string, len(keys)+len(own))
	for name, value := range keys {
		// A key with no value does not apply; only of tags is "" one.
		if value != "" || strings.HasPrefix(name, "aws:PrincipalTag/") {
			all[name] = []string{value}
		}
	}
	maps.Copy(all, own)
	return all
}

// uniqueID is that of the user or role in an aws:userid.
func uniqueID(userID string) string {
	id, _, _ := strings.Cut(userID, ":")
	return id
}

// TagKeys are the condition keys of an action that is given tags.
func TagKeys(tags store.Tags) map[string][]string {
	keys := map[string][]string{}
	for name, value := range tags {
		keys["aws:RequestTag/"+name] = []string{value}
		keys["aws:TagKeys"] = append(keys["aws:TagKeys"], name)
	}
	return keys
}
