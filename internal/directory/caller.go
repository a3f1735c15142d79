package directory

import (
	"fmt"

	"rollcall/internal/access"
)

// CheckRegion refuses a call to another region than the account's identity
// region. Clients read the right region out of the text.
func CheckRegion(c *access.Caller) error {
	asked, right := c.Request.Region, c.Account.Region
	if asked == right {
		return nil
	}
	return &Error{Kind: Disabled, NoRequestID: true, Message: fmt.Sprintf(
		"Operation is being called from endpoint %s, but your identity region is %s. Please use the %s endpoint.",
		asked, right, right)}
}

// call is a call of an operation on a resource of an account.
func call(accountID, action, resource string) access.Call {
	return access.Call{Action: "quicksight:" + action, AccountID: accountID, Resource: resource}
}

// userCall is a call about one user. What is longer than a name can be is the
// name of nobody, and policies are asked about its beginning.
func (s scope) userCall(c *access.Caller, action, name string) access.Call {
	name = beginning(name, maxUserName)
	call := call(s.accountID, action, s.userARN(c, name))
	call.Subject = name
	return call
}

// arn names a resource of an account. Its region is the account's identity
// region, wherever the call came in.
func arn(c *access.Caller, accountID, resource string) string {
	return "arn:aws:quicksight:" + c.Account.Region + ":" + accountID + ":" + resource
}

// userARN names a user; the name stands in it as it is, slashes and all.
func (s scope) userARN(c *access.Caller, name string) string {
	return arn(c, s.accountID, "user/"+s.namespace+"/"+name)
}

func customPermissionsARN(c *access.Caller, accountID, name string) string {
	return arn(c, accountID, "custompermissions/"+name)
}
