package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

type envCommand struct {
	Data   string `placeholder:"./rollcall-data" type:"path" help:"Data directory of the server."`
	Format string `enum:"shell,json" default:"shell" help:"shell: lines for eval. json: one object."`
}

// oldSDKs is what everybody should know before they trust AWS_ENDPOINT_URL.
const oldSDKs = "rollcall: SDKs and CLIs older than July 2023 ignore AWS_ENDPOINT_URL and would call AWS itself: give them the endpoint explicitly.\n"

// unset are variables that would win over those that env sets.
var unset = []string{
	"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_PROFILE", "AWS_DEFAULT_PROFILE",
	"AWS_ENDPOINT_URL_QUICKSIGHT", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
}

func (c *envCommand) Run(ctx context.Context, s streams) error {
	dir := cmp.Or(c.Data, "rollcall-data")
	endpoint, err := readEndpoint(ctx, dir)
	if err != nil {
		return err
	}
	key, err := readCredentials(dir, endpoint)
	if err != nil {
		return err
	}
	fmt.Fprint(s.err, oldSDKs)
	set := [][2]string{
		{"AWS_ENDPOINT_URL", endpoint.URL},
		{"AWS_ACCESS_KEY_ID", key.ID},
		{"AWS_SECRET_ACCESS_KEY", key.Secret},
		{"AWS_REGION", endpoint.Region},
		{"AWS_DEFAULT_REGION", endpoint.Region},
	}
	if c.Format == "json" {
		return printJSON(s, set)
	}
	for _, v := range set {
		fmt.Fprintf(s.out, "export %s=%s\n", v[0], quote(v[1]))
	}
	_, err = fmt.Fprintf(s.out, "unset %s\n", strings.Join(unset, " "))
	return err
}

func printJSON(s streams, set [][2]string) error {
	object := map[string]string{}
	for _, v := range set {
		object[v[0]] = v[1]
	}
	b, err := json.MarshalIndent(object, "", "  ")
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s\n", b)
	}
	return err
}

// quote makes a text one word of a POSIX shell.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
