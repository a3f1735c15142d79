package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"

	"rollcall/internal/access"
	"rollcall/internal/iam"
)

// inlinePage is the form of an inline policy.
type inlinePage struct {
	Console
	Kind           iamKind
	Name           string // of the user or role
	Back           string // address of its page
	New            bool
	PolicyName     string
	PolicyDocument string
	Delete         string // address of the page that asks
	Problem        string // why the last try was refused; "": there was none
}

// firstPolicy is what a new policy begins with.
const firstPolicy = `{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "quicksight:Describe*",
      "Resource": "*"
    }
  ]
}`

// openInline shows the form, for another policy where the address names none.
func (v *visit) openInline(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	page := inlinePage{New: true, PolicyName: v.value("PolicyName"), PolicyDocument: firstPolicy}
	if page.PolicyName != "" {
		document, err := v.p.IAM.GetInlinePolicy(v.r.Context(), v.caller, k.ref(e.Name), page.PolicyName)
		if err != nil {
			return err
		}
		page.New, page.PolicyDocument = false, legible(document)
	}
	return v.showInline(http.StatusOK, k, e, page)
}

func (v *visit) showInline(status int, k iamKind, e iamEntity, page inlinePage) error {
	title := page.PolicyName
	if page.New {
		title = "New policy"
	}
	page.Console, page.Kind, page.Name = v.page("Access", title), k, e.Name
	page.Back, page.Delete = k.page("", e.Name), k.page("/policy/delete", e.Name, "PolicyName", page.PolicyName)
	return v.show(status, "iam-inline.html", page)
}

func (v *visit) putInline(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	page := inlinePage{New: v.value("New") != "", PolicyName: v.value("PolicyName"), PolicyDocument: v.document("PolicyDocument")}
	err = v.check("Put"+k.Title+"Policy", k.Field(), e.Name, "PolicyName", page.PolicyName, "PolicyDocument", page.PolicyDocument)
	if err == nil && page.New {
		err = v.unused(k, e, page.PolicyName)
	}
	if err == nil {
		err = v.p.IAM.PutInlinePolicy(v.r.Context(), v.caller, k.ref(e.Name), page.PolicyName, page.PolicyDocument)
	}
	if text, ok := v.refusal(err); ok {
		page.Problem = text
		return v.showInline(http.StatusUnprocessableEntity, k, e, page)
	}
	if err != nil {
		return err
	}
	return v.leave(k.page("", e.Name, "done", "iam-policy-saved"))
}

// unused refuses the name of a policy that is there: the operation would put
// the new one in its place.
func (v *visit) unused(k iamKind, e iamEntity, policy string) error {
	_, err := v.p.IAM.GetInlinePolicy(v.r.Context(), v.caller, k.ref(e.Name), policy)
	switch {
	case err == nil:
		return &iam.Error{Code: iam.EntityAlreadyExists, Message: "There is a policy of this name already."}
	case missing(err):
		return nil
	}
	return err
}

func (v *visit) askDeleteInline(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	policy := v.value("PolicyName")
	if _, err := v.p.IAM.GetInlinePolicy(v.r.Context(), v.caller, k.ref(e.Name), policy); err != nil {
		return err
	}
	return v.show(http.StatusOK, "iam-inline-delete.html", deletePage{
		v.page("Access", "Delete "+policy+"?"), k, e.Name, policy, k.page("/policy", e.Name, "PolicyName", policy)})
}

func (v *visit) deleteInline(k iamKind) error {
	return v.changePolicies(k, "Delete", "PolicyName", v.p.IAM.DeleteInlinePolicy, "iam-policy-deleted")
}

func (v *visit) attachPolicy(k iamKind) error {
	return v.changePolicies(k, "Attach", "PolicyArn", v.p.IAM.AttachPolicy, "iam-policy-attached")
}

func (v *visit) detachPolicy(k iamKind) error {
	return v.changePolicies(k, "Detach", "PolicyArn", v.p.IAM.DetachPolicy, "iam-policy-detached")
}

// changePolicies does to a user or role what an operation does with the policy
// that a field names.
func (v *visit) changePolicies(k iamKind, verb, field string, do func(context.Context, *access.Caller, iam.Ref, string) error, done string) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	policy := v.value(field)
	err = v.check(verb+k.Title+"Policy", k.Field(), e.Name, field, policy)
	if err == nil {
		err = do(v.r.Context(), v.caller, k.ref(e.Name), policy)
	}
	return v.saved(k, e, principalPage{Role: newRoleForm(&e), About: aboutPolicies}, err, done)
}

// iamChooser is whom a policy is chosen for.
type iamChooser struct {
	Kind   iamKind
	Entity iamEntity
	Back   string // address of its page
}

// Has says whether a policy is attached already.
func (c iamChooser) Has(arn string) bool { return slices.Contains(c.Entity.Attached, arn) }

func (v *visit) choosePolicy(k iamKind) error {
	e, err := v.principal(k)
	if err != nil {
		return err
	}
	policies, marker, err := v.p.IAM.ListPolicies(v.r.Context(), v.caller, iam.PolicyFilter{}, v.part())
	if err != nil {
		return v.oldMarker(err, k.page("/attach", e.Name))
	}
	l := v.newList("Policies", marker)
	l.Title, l.Policies, l.For = "Attach a policy", policies, &iamChooser{k, e, k.page("", e.Name)}
	return v.show(http.StatusOK, "iam-attach.html", l)
}

func (v *visit) listIAMPolicies() error {
	policies, marker, err := v.p.IAM.ListPolicies(v.r.Context(), v.caller, iam.PolicyFilter{}, v.part())
	if err != nil {
		return v.oldMarker(err, iamPoliciesPath)
	}
	l := v.newList("Policies", marker)
	l.Policies = policies
	return v.show(http.StatusOK, "iam-policies.html", l)
}

// policyAddress is the address of the page about a managed policy.
func policyAddress(arn string) string {
	return iamPolicyPath + "?" + url.Values{"PolicyArn": {arn}}.Encode()
}

// policyPage is all about one managed policy.
type policyPage struct {
	Console
	Policy   iam.Policy
	Version  string
	Document string
}

// openIAMPolicy shows the version that is in force.
func (v *visit) openIAMPolicy() error {
	p, err := v.p.IAM.GetPolicy(v.r.Context(), v.caller, v.value("PolicyArn"))
	var e *iam.Error
	if errors.As(err, &e) { // no ARN, or that of no policy
		return &iam.Error{Code: iam.NoSuchEntity}
	}
	if err != nil {
		return err
	}
	version := access.DefaultVersion(&p.ManagedPolicy)
	return v.show(http.StatusOK, "iam-policy.html", policyPage{
		v.page("Access", p.Name), p, iam.VersionID(version.Number), short(legible(version.Document), maxDocument)})
}
