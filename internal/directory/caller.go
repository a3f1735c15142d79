package directory

import "fmt"

// Caller is who asks.
type Caller struct {
	AccountID      string
	ARN            string
	IdentityRegion string // of the account: where its users live
	Endpoint       string // region that the request was signed for
}

// CheckRegion refuses a call to another region than the account's identity
// region. Clients read the right region out of the text.
func (c Caller) CheckRegion() error {
	if c.Endpoint == c.IdentityRegion {
		return nil
	}
	return &Error{Kind: Disabled, NoRequestID: true, Message: fmt.Sprintf(
		"Operation is being called from endpoint %s, but your identity region is %s. Please use the %s endpoint.",
		c.Endpoint, c.IdentityRegion, c.IdentityRegion)}
}

// authorize decides whether the caller may perform an action on a resource of
// an account. Every caller is the root of an account, who may do everything in
// it and nothing in another; whether that other exists makes no difference.
func (c Caller) authorize(accountID, action, resource string) error {
	if accountID == c.AccountID {
		return nil
	}
	return &Error{Kind: Denied, Message: fmt.Sprintf(
		"User: %s is not authorized to perform: quicksight:%s on resource: %s because no resource-based policy allows the quicksight:%s action",
		c.ARN, action, resource, action)}
}

// arn names a resource of an account. Its region is the account's identity
// region, wherever the call came in.
func (c Caller) arn(accountID, resource string) string {
	return "arn:aws:quicksight:" + c.IdentityRegion + ":" + accountID + ":" + resource
}

// userARN names a user; the name stands in it as it is, slashes and all.
func (c Caller) userARN(s scope, name string) string {
	return c.arn(s.accountID, "user/"+s.namespace+"/"+name)
}

func (c Caller) customPermissionsARN(accountID, name string) string {
	return c.arn(accountID, "custompermissions/"+name)
}
