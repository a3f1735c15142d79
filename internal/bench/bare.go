package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"

	"rollcall/internal/api"
	"rollcall/internal/restjson"
)

// answers are what the bare handler says: answers of rollcall's own, so that
// both servers send the same members in the same sizes.
type answers struct {
	Described  api.UserResponse
	Listed     api.ListUsersResponse
	Registered api.RegisterUserResponse
}

// startBare starts this program again, to be the bare handler.
func startBare(ctx context.Context, u *users) (*process, error) {
	a, err := u.record()
	if err != nil {
		return nil, fmt.Errorf("recording answers: %w", err)
	}
	text, err := json.Marshal(a)
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-bare")
	cmd.Stdin, cmd.Stderr = bytes.NewReader(text), os.Stderr
	return start(cmd)
}

// serveBare is the other process: it reads its answers and gives them.
func serveBare(in io.Reader, out io.Writer) error {
	var a answers
	if err := json.NewDecoder(in).Decode(&a); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "listening on http://%s\nready\n", listener.Addr())
	const path = "/accounts/{AwsAccountId}/namespaces/{Namespace}/users"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path+"/{UserName}", a.describeUser)
	mux.HandleFunc("GET "+path, a.listUsers)
	mux.HandleFunc("POST "+path, a.registerUser)
	return http.Serve(listener, mux)
}

func (a *answers) describeUser(w http.ResponseWriter, r *http.Request) {
	out := a.Described
	out.User.UserName = r.PathValue("UserName")
	reply(w, http.StatusOK, &out)
}

func (a *answers) listUsers(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, &a.Listed)
}

func (a *answers) registerUser(w http.ResponseWriter, r *http.Request) {
	var in api.RegisterUserRequest
	body, err := io.ReadAll(r.Body)
	if err == nil {
		err = restjson.Decode(body, &in)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	out := a.Registered
	out.User.UserName, out.User.Email, out.User.Role = *in.UserName, *in.Email, *in.UserRole
	reply(w, http.StatusCreated, &out)
}

func reply(w http.ResponseWriter, status int, out any) {
	const id = "00000000-0000-4000-8000-000000000000"
	if err := (restjson.Reply{RequestID: id, Status: status, Output: out}).Write(w); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
