package iamapi_test

import (
	"errors"
	"strings"
	"testing"

	"rollcall/internal/iamapi"
)

func TestCheckIsThatOfRequests(t *testing.T) {
	for _, tt := range []struct {
		operation  string
		parameters []string
		recorded   string
		member     string // "-": the input is good
	}{
		{"CreateUser", []string{"UserName", "ana", "Path", ""}, `{"userName":"ana"}`, "-"},
		{"CreateUser", []string{"UserName", "a b"}, `{"userName":"a b"}`, "userName"},
		{"CreateUser", []string{"UserName", ""}, `{}`, "userName"},
		{"CreateUser", []string{"UserName", "ana", "Path", "x"}, `{"path":"x","userName":"ana"}`, "path"},
		{"CreateUser", []string{"UserName", strings.Repeat("a", 65)}, `{"userName":"` + strings.Repeat("a", 65) + `"}`, "userName"},
		{"PutRolePolicy", []string{"RoleName", "r", "PolicyName", "p", "PolicyDocument", "€"}, `{"roleName":"r","policyName":"p","policyDocument":"€"}`, "policyDocument"},
		{"UpdateRole", []string{"RoleName", "r", "MaxSessionDuration", "3600"}, `{"roleName":"r","maxSessionDuration":3600}`, "-"},
		{"UpdateRole", []string{"RoleName", "r", "MaxSessionDuration", "60"}, `{"roleName":"r","maxSessionDuration":60}`, "maxSessionDuration"},
		{"UpdateRole", []string{"RoleName", "r", "MaxSessionDuration", "an hour"}, `{"roleName":"r","maxSessionDuration":0}`, "maxSessionDuration"},
		{"DeleteUser", []string{"UserName", "\xff"}, "", ""},
	} {
		recorded, err := iamapi.Check(tt.operation, tt.parameters...)
		member := "-"
		var bad *iamapi.InputError
		if errors.As(err, &bad) {
			member = bad.Member
		}
		if recorded != tt.recorded || member != tt.member {
			t.Errorf("%s %q: recorded %s, %v about %q; want %s, about %q", tt.operation, tt.parameters, recorded, err, member, tt.recorded, tt.member)
		}
	}
}
