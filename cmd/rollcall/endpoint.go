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
	"time"

	"rollcall/internal/access"
	"rollcall/internal/client"
	"rollcall/internal/server"
)

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
func readCredentials(dir string, e server.Endpoint) (access.NewKey, error) {
	if e.Dev {
		return server.DevKey, nil
	}
	return server.ReadCredentials(dir)
}

// findServer finds the server to ask, and the account to ask it for: unless a data
// directory is given, the one that the environment names, as for an auditor
// with credentials of his own.
func findServer(ctx context.Context, data string) (from *client.Client, account string, err error) {
	if address := os.Getenv("AWS_ENDPOINT_URL"); address != "" && data == "" {
		if from, err = fromEnvironment(address); err != nil {
			return nil, "", err
		}
		account, err = from.AccountID(ctx)
		return from, account, err
	}
	dir := cmp.Or(data, os.Getenv("ROLLCALL_DATA"), "rollcall-data")
	e, err := readEndpoint(ctx, dir)
	if err != nil {
		return nil, "", err
	}
	key, err := readCredentials(dir, e)
	return client.New(e.URL, e.Region, key.ID, key.Secret, ""), e.Account, err
}

func fromEnvironment(address string) (*client.Client, error) {
	id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	if id == "" || secret == "" {
		return nil, errors.New("AWS_ENDPOINT_URL is set, so AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be too")
	}
	region := cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"), "us-east-1")
	return client.New(address, region, id, secret, os.Getenv("AWS_SESSION_TOKEN")), nil
}
