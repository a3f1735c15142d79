package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"rollcall/internal/client"
)

// providerCommand is about the OpenID Connect providers that people continue
// with in a browser, and whose tokens are Cognito's.
type providerCommand struct {
	Add    providerAddCommand    `cmd:"" help:"Let people continue with an OpenID Connect provider in the browser, or say whose tokens are Amazon Cognito's."`
	List   providerListCommand   `cmd:"" help:"Print the OpenID Connect providers."`
	Remove providerRemoveCommand `cmd:"" help:"Forget what add has said of a provider. IAM keeps its part."`
}

// cognito is what the API calls the provider of Cognito's tokens.
const cognito = "cognito-identity.amazonaws.com"

type providerAddCommand struct {
	Issuer           string `required:"" env:"-" placeholder:"URL" help:"What the provider's tokens say they are of, byte by byte, such as https://id.example.com."`
	ClientID         string `name:"client-id" env:"-" placeholder:"ID" help:"What rollcall is called at the provider."`
	ClientSecretFile string `type:"path" env:"-" placeholder:"FILE" help:"File with rollcall's secret at the provider. A public client has none."`
	Label            string `env:"-" placeholder:"TEXT" help:"What people are told they continue with: the provider's name, instead of its host."`
	JWKS             string `name:"jwks" env:"-" placeholder:"URL|FILE" help:"The provider's keys, where it is not to be asked for them: their URL, or a file with a JWKS."`
	Cognito          bool   `env:"-" help:"Tokens of this issuer are those of Amazon Cognito's identity pools. Takes --jwks, and no client."`
	Data             string `placeholder:"./rollcall-data" type:"path" env:"-" help:"Data directory of the server, whose root key is used ($$ROLLCALL_DATA). Without it, and where AWS_ENDPOINT_URL is set, the server there is asked with the AWS credentials of the environment."`
}

func (c *providerAddCommand) Run(ctx context.Context, s streams) error {
	in := map[string]any{"Issuer": c.Issuer, "Cognito": c.Cognito}
	if err := c.readFiles(in); err != nil {
		return err
	}
	for name, value := range map[string]string{"ClientId": c.ClientID, "Label": c.Label} {
		if value != "" {
			in[name] = value
		}
	}
	to, account, err := findServer(ctx, c.Data)
	if err != nil {
		return err
	}
	var out struct {
		Created     bool
		CallbackUrl string
	}
	if err := to.Call(ctx, client.Rollcall, http.MethodPut, providersPath(account), in, &out); err != nil {
		return fmt.Errorf("adding %s: %w", c.Issuer, err)
	}
	if out.Created && !c.Cognito {
		fmt.Fprintf(s.err, "rollcall: the provider was not in IAM and is there now\n")
	}
	if c.ClientID != "" {
		fmt.Fprintf(s.err, "rollcall: give the client at the provider this redirect address:\n")
		_, err = fmt.Fprintln(s.out, out.CallbackUrl)
	}
	return err
}

// readFiles adds what is in files, which command lines do not tell everybody on
// the machine.
func (c *providerAddCommand) readFiles(in map[string]any) error {
	if c.ClientSecretFile != "" {
		text, err := os.ReadFile(c.ClientSecretFile)
		if err != nil {
			return fmt.Errorf("reading --client-secret-file: %w", err)
		}
		secret := strings.TrimRight(string(text), "\r\n")
		if secret == "" {
			return errors.New("--client-secret-file is empty: a public client needs none")
		}
		in["ClientSecret"] = secret
	}
	switch {
	case c.JWKS == "":
	case strings.Contains(c.JWKS, "://"):
		in["JwksUrl"] = c.JWKS
	default:
		text, err := os.ReadFile(c.JWKS)
		if err != nil {
			return fmt.Errorf("reading --jwks: %w", err)
		}
		in["Jwks"] = string(text)
	}
	return nil
}

type providerListCommand struct {
	Data string `placeholder:"./rollcall-data" type:"path" env:"-" help:"Data directory of the server, whose root key is used ($$ROLLCALL_DATA). Without it, and where AWS_ENDPOINT_URL is set, the server there is asked with the AWS credentials of the environment."`
}

func (c *providerListCommand) Run(ctx context.Context, s streams) error {
	from, account, err := findServer(ctx, c.Data)
	if err != nil {
		return err
	}
	var out struct {
		Providers []struct {
			Issuer, Label, ClientId, JwksUrl  string
			HasClientSecret, HasJwks, Cognito bool
		}
	}
	if err := from.Get(ctx, providersPath(account), nil, &out); err != nil {
		return fmt.Errorf("listing providers: %w", err)
	}
	t := table{tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)}
	if err := t.row("ISSUER", "LABEL", "CLIENT ID", "BROWSER", "COGNITO"); err != nil {
		return err
	}
	for _, p := range out.Providers {
		if err := t.row(p.Issuer, p.Label, p.ClientId, yes(p.ClientId != ""), yes(p.Cognito)); err != nil {
			return err
		}
	}
	return t.w.Flush()
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

type providerRemoveCommand struct {
	Issuer  string `env:"-" placeholder:"URL" help:"The provider's issuer, as it was added."`
	Cognito bool   `env:"-" help:"The provider of Amazon Cognito's tokens."`
	Data    string `placeholder:"./rollcall-data" type:"path" env:"-" help:"Data directory of the server, whose root key is used ($$ROLLCALL_DATA). Without it, and where AWS_ENDPOINT_URL is set, the server there is asked with the AWS credentials of the environment."`
}

func (c *providerRemoveCommand) Run(ctx context.Context, s streams) error {
	if (c.Issuer != "") == c.Cognito {
		return errors.New("want --issuer or --cognito: which provider to remove")
	}
	to, account, err := findServer(ctx, c.Data)
	if err != nil {
		return err
	}
	issuer := c.Issuer
	if c.Cognito {
		issuer = cognito
	}
	path := providersPath(account) + "?" + url.Values{"issuer": {issuer}}.Encode()
	if err := to.Call(ctx, client.Rollcall, http.MethodDelete, path, nil, new(struct{})); err != nil {
		return fmt.Errorf("removing %s: %w", cmp.Or(c.Issuer, "the provider of Cognito's tokens"), err)
	}
	if !c.Cognito {
		fmt.Fprintf(s.err, "rollcall: nobody can continue with %s any more; in IAM the provider is still there, for roles that trust it\n", c.Issuer)
	}
	return nil
}

func providersPath(account string) string { return "/v1/accounts/" + account + "/identity-providers" }
