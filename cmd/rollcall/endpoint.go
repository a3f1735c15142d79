package main

import (
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
