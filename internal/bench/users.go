package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"rollcall/internal/restjson"
	"rollcall/internal/server"
)

// path leads to the users of the account that rollcall makes when it is told
// nothing else.
const path = "/accounts/111122223333/namespaces/default/users"

// users are rollcall's users as the benchmark knows them, and what it takes to
// ask for them.
type users struct {
	address string
	key     aws.Credentials
	signer  *v4.Signer
	names   []string // of those put in before
	given   int      // names given out so far
}

// putUsers puts users into a new rollcall.
func putUsers(address, dataDir string, o options) (*users, error) {
	key, err := server.ReadCredentials(dataDir)
	if err != nil {
		return nil, err
	}
	u := &users{
		address: address,
		key:     aws.Credentials{AccessKeyID: key.ID, SecretAccessKey: key.Secret},
		signer:  v4.NewSigner(),
	}
	u.names = u.newNames(o.users)
	requests, err := each(u.names, u.register)
	if err != nil {
		return nil, err
	}
	return u, drive(&load{address: address, connections: o.connections, requests: requests}).err
}

// operation is something to measure.
type operation struct {
	name     string
	again    bool                              // a request may be sent more than once
	requests func(o options) ([][]byte, error) // made for each round: a signature is good for 15 minutes
}

// operations are what is measured. RegisterUser comes last: it leaves more
// users than the others are to be measured with.
func (u *users) operations() []operation {
	return []operation{
		{"DescribeUser", true, func(options) ([][]byte, error) { return each(u.names, u.describe) }},
		{"ListUsers", true, func(options) ([][]byte, error) { return each([]string{""}, u.list) }},
		{"RegisterUser", false, u.registrations},
	}
}

// registrations are as many as any server can be expected to take; one that
// takes more ends its round early.
func (u *users) registrations(o options) ([][]byte, error) {
	const rate = 40_000
	return each(u.newNames(int(rate*(warmUp+o.duration).Seconds())), u.register)
}

// record gives an answer of each kind.
func (u *users) record() (a answers, err error) {
	err = errors.Join(
		u.ask(u.describe, u.names[0], &a.Described),
		u.ask(u.list, "", &a.Listed),
		u.ask(u.register, u.newNames(1)[0], &a.Registered))
	return a, err
}

func (u *users) ask(request func(string) ([]byte, error), name string, answer any) error {
	wire, err := request(name)
	if err != nil {
		return err
	}
	c, err := dial(u.address)
	if err != nil {
		return err
	}
	defer c.Close()
	body, err := c.call(wire)
	if err != nil {
		return err
	}
	return restjson.Decode(body, answer)
}

// newNames gives names that nobody has, all of one length and in no order.
func (u *users) newNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		u.given++
		names[i] = fmt.Sprintf("user-%08x-%08x", rand.Uint32(), u.given)
	}
	return names
}

// each makes a request for each name, and shuffles them.
func each(names []string, request func(string) ([]byte, error)) (requests [][]byte, err error) {
	requests = make([][]byte, len(names))
	for i, n := range rand.Perm(len(names)) {
		if requests[i], err = request(names[n]); err != nil {
			return nil, err
		}
	}
	return requests, nil
}

func (u *users) describe(name string) ([]byte, error) { return u.sign("GET", path+"/"+name, "") }

func (u *users) list(string) ([]byte, error) { return u.sign("GET", path+"?max-results=100", "") }

func (u *users) register(name string) ([]byte, error) {
	return u.sign("POST", path, `{"IdentityType":"QUICKSIGHT","UserName":"`+name+`","Email":"`+name+`@example.com","UserRole":"AUTHOR"}`)
}

// sign gives a request as it goes over the wire.
func (u *users) sign(method, path, body string) ([]byte, error) {
	return u.signFor("quicksight", method, path, body)
}

func (u *users) signFor(service, method, path, body string) ([]byte, error) {
	r, err := http.NewRequest(method, "http://"+u.address+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "") // none
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	hash := sha256.Sum256([]byte(body))
	err = u.signer.SignHTTP(context.Background(), u.key, r, hex.EncodeToString(hash[:]), service, "us-east-1", time.Now())
	if err != nil {
		return nil, err
	}
	var wire bytes.Buffer
	err = r.Write(&wire)
	return wire.Bytes(), err
}
