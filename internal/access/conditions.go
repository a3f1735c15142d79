package access

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"rollcall/internal/store"
)

// conditions are what a call's condition keys are taken from.
type conditions struct {
	caller   *Caller
	standing *standing
	own      map[string][]string // of the action, in any case
}

// values gives a condition key, in lower case: a global one, or one of the
// action. What is "" does not apply, but for tags.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (k *conditions) values(key string) []string {
	if name, ok := strings.CutPrefix(key, "aws:principaltag/"); ok {
		return tagValue(k.standing.tags, name)
	}
	if values := k.ofAction(key); values != nil {
		return values
	}
	value := k.ofPrincipal(key)
	if value == "" {
		value = k.ofRequest(key)
	}
	if value == "" {
		value = k.ofSession(key)
	}
	if value == "" {
		return nil
	}
	return []string{value}
}

// ofAction gives a key of the action. Tags of QuickSight may differ in case
// only: then it has the values of all of them.
func (k *conditions) ofAction(key string) (values []string) {
	for own, more := range k.own {
		if strings.ToLower(own) == key {
			values = append(values, more...)
		}
	}
	slices.Sort(values)
	return values
}

// tagValue finds a tag of IAM, where keys that differ in case only are one.
func tagValue(tags store.Tags, key string) []string {
	for name, value := range tags {
		if strings.ToLower(name) == key {
			return []string{value}
		}
	}
	return nil
}

// principalTypes are those of aws:PrincipalType.
var principalTypes = map[store.IAMKind]string{store.IAMRoot: "Account", store.IAMUser: "User", store.IAMRole: "AssumedRole"}

func (k *conditions) ofPrincipal(key string) string {
	if k.caller.federation != nil {
		return ""
	}
	id := &k.standing.identity
	switch key {
	case "aws:userid":
		return id.UserID
	case "aws:principaltype":
		return principalTypes[id.Kind]
	case "aws:principalaccount":
		return k.caller.Account.ID
	case "aws:username":
		if id.Kind == store.IAMUser {
			return id.Name
		}
	case "aws:principalarn":
		if id.Kind == store.IAMRole {
			return id.RoleARN
		}
		return id.ARN
	}
	return ""
}

func (k *conditions) ofRequest(key string) string {
	r := &k.caller.Request
	switch key {
	case "aws:currenttime":
		return r.Time.UTC().Format(time.RFC3339)
	case "aws:epochtime":
		return strconv.FormatInt(r.Time.Unix(), 10)
	case "aws:securetransport":
		return strconv.FormatBool(r.Secure)
	case "aws:sourceip":
		return r.SourceIP
	case "aws:useragent":
		return r.UserAgent
	case "aws:requestedregion":
		return r.Region
	}
	return ""
}

// ofSession are keys that only temporary credentials have.
func (k *conditions) ofSession(key string) string {
	s := k.caller.Session
	if s == nil {
		return ""
	}
	switch key {
	case "aws:tokenissuetime":
		return time.Unix(s.IssuedAt, 0).UTC().Format(time.RFC3339)
	case "aws:multifactorauthpresent":
		return "false"
	case "aws:sourceidentity":
		return s.SourceIdentity
	case "aws:federatedprovider":
		if s.Federation != nil && !s.Chained {
			return s.Federation.Provider
		}
	}
	return ""
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

// ResourceTagKeys are the condition keys of an action on something with tags.
func ResourceTagKeys(tags store.Tags) map[string][]string {
	keys := map[string][]string{}
	for name, value := range tags {
		keys["aws:ResourceTag/"+name] = []string{value}
	}
	return keys
}
