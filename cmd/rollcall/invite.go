package main

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"

	"rollcall/internal/client"
)

// inviteCommand registers a user as RegisterUser does. It is how the first
// people of an account get in.
type inviteCommand struct {
	Email     string `arg:"" help:"E-mail address of the user."`
	UserName  string `name:"user-name" env:"-" placeholder:"EMAIL" help:"Name to sign in with."`
	Role      string `env:"-" enum:"ADMIN,AUTHOR,READER,ADMIN_PRO,AUTHOR_PRO,READER_PRO" default:"READER" help:"What the user may do: ${enum}."`
	Namespace string `env:"-" default:"default" help:"Namespace of the user."`
	Data      string `placeholder:"./rollcall-data" type:"path" env:"-" help:"Data directory of the server, whose root key is used ($$ROLLCALL_DATA). Without it, and where AWS_ENDPOINT_URL is set, the server there is asked with the AWS credentials of the environment."`
}

func (c *inviteCommand) Run(ctx context.Context, s streams) error {
	to, account, err := findServer(ctx, c.Data)
	if err != nil {
		return err
	}
	path := "/accounts/" + account + "/namespaces/" + url.PathEscape(c.Namespace) + "/users"
	var out struct{ UserInvitationUrl string }
	err = to.Call(ctx, client.QuickSight, http.MethodPost, path, map[string]string{
		"IdentityType": "QUICKSIGHT",
		"UserName":     cmp.Or(c.UserName, c.Email),
		"Email":        c.Email,
		"UserRole":     c.Role,
	}, &out)
	if err != nil {
		return fmt.Errorf("inviting %s: %w", c.Email, err)
	}
	fmt.Fprintf(s.err, "rollcall: this link is good once, for 24 hours, to choose a password:\n")
	_, err = fmt.Fprintln(s.out, out.UserInvitationUrl)
	return err
}
