package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rollcall/internal/iam"
	"rollcall/internal/server"
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

// readEndpoint finds the running server of a data directory. A server that was
// killed leaves its file behind, so the server is asked too.
func readEndpoint(ctx context.Context, dir string) (e server.Endpoint, err error) {
	none := fmt.Errorf("no server is running on the data directory %q: start one with `rollcall serve`", dir)
	text, err := os.ReadFile(filepath.Join(dir, server.EndpointFile))
	if errors.Is(err, fs.ErrNotExist) {
		return e, none
	}
	if err != nil {
		return e, err
	}
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("reading %s: %w", server.EndpointFile, err)
	}
	if !alive(ctx, e) {
		return e, none
	}
	return e, nil
}

// alive asks the server at its own address, whose certificate is for its
// public name. No secret is sent.
func alive(ctx context.Context, e server.Endpoint) bool {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	scheme := "http"
	if e.TLS {
		scheme = "https"
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://"+e.Listen+"/healthz", nil)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	resp, err := client.Do(r)
	if err != nil {
		return false
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK && resp.Header.Get(server.InstanceHeader) == e.Instance
}

// readCredentials gives the root access key.
func readCredentials(dir string, e server.Endpoint) (iam.NewKey, error) {
	if e.Dev {
		return server.DevKey, nil
	}
	return server.ReadCredentials(dir)
}
