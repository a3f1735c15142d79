package iamapi_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
	"rollcall/rollcalltest"
)

func TestAUserHasTwoKeysAtMost(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.User(t, "ana", "")
	c.OK(t, "iam", "CreateUser", "UserName", "bob")
	full := "409 LimitExceeded Cannot exceed quota for AccessKeysPerUser: 2"
	run(t, c,
		call{"CreateAccessKey", is("UserName", "ana"), ""},
		call{"CreateAccessKey", is("UserName", "ana"), full},
		call{"CreateAccessKey", is("UserName", "bob"), ""},
		call{"CreateAccessKey", is("UserName", "Ana"), "404 NoSuchEntity The user with name Ana cannot be found."},
		call{"CreateAccessKey", nil, ""},   // the root's second
		call{"CreateAccessKey", nil, full}, // and third
	)
}

func TestAccessKeysAreListedWithoutTheirSecrets(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", "")
	second := c.OK(t, "iam", "CreateAccessKey", "UserName", "ana")
	for element, want := range map[string]string{"UserName": "ana", "Status": "Active"} {
		if got := second.Get(element); got != want {
			t.Errorf("%s of a new key is %q, want %q", element, got, want)
		}
	}
	c.OK(t, "iam", "UpdateAccessKey", "UserName", "ana", "AccessKeyId", ana.AccessKeyID, "Status", "Inactive")
	list := c.OK(t, "iam", "ListAccessKeys", "UserName", "ana")
	want := map[string][]string{
		"UserName": {"ana", "ana"}, "AccessKeyId": {ana.AccessKeyID, second.Get("AccessKeyId")}, "Status": {"Inactive", "Active"},
	}
	for element, want := range want {
		got := elements(list, element)
		slices.Sort(got)
		slices.Sort(want) // of one millisecond, they are in the order of their ids
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", element, diff)
		}
	}
	if strings.Contains(list.Text, "Secret") {
		t.Error(list.Text)
	}
}

func TestTheRootManagesItsOwnKeys(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	made := c.OK(t, "iam", "CreateAccessKey")
	list := c.OK(t, "iam", "ListAccessKeys")
	if strings.Contains(made.Text+list.Text, "UserName") || len(elements(list, "AccessKeyId")) != 2 {
		t.Errorf("%s %s", made.Text, list.Text)
	}
	run(t, c.As(made),
		call{"DeleteAccessKey", is("AccessKeyId", c.AccessKeyID), ""},
		call{"DeleteAccessKey", is("AccessKeyId", made.Get("AccessKeyId")), ""}, // its last
		call{"ListAccessKeys", nil, "403 InvalidClientTokenId The security token included in the request is invalid."},
	)
}

func TestAKeyIsNoGoodWhileItIsInactiveOrOnceItIsDeleted(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	ana := c.User(t, "ana", allowAll)
	set := func(status string) call {
		return call{"UpdateAccessKey", is("UserName", "ana", "AccessKeyId", ana.AccessKeyID, "Status", status), ""}
	}
	unknown := call{"GetUser", nil, "403 InvalidClientTokenId The security token included in the request is invalid."}
	run(t, ana, call{"GetUser", nil, ""})
	run(t, c, set("Inactive"))
	run(t, ana, unknown)
	run(t, c, set("Active"))
	run(t, ana, call{"GetUser", nil, ""})
	run(t, c, call{"DeleteAccessKey", is("UserName", "ana", "AccessKeyId", ana.AccessKeyID), ""})
	run(t, ana, unknown)
}

func TestAKeyIsFoundAtItsOwnerAlone(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	id := c.User(t, "ana", "").AccessKeyID
	c.OK(t, "iam", "CreateUser", "UserName", "bob")
	missing := "404 NoSuchEntity The Access Key with id " + id + " cannot be found."
	run(t, c,
		call{"UpdateAccessKey", is("UserName", "bob", "AccessKeyId", id, "Status", "Inactive"), missing},
		call{"UpdateAccessKey", is("AccessKeyId", id, "Status", "Inactive"), missing}, // the root's
		call{"DeleteAccessKey", is("UserName", "bob", "AccessKeyId", id), missing},
		call{"DeleteAccessKey", is("AccessKeyId", id), missing},
		call{"DeleteAccessKey", is("UserName", "eva", "AccessKeyId", id), "404 NoSuchEntity The user with name eva cannot be found."},
		call{"UpdateAccessKey", is("UserName", "ana", "AccessKeyId", id, "Status", "Expired"), "400 InvalidInput The status of an access key can't be set to Expired."},
		call{"UpdateAccessKey", is("UserName", "ana", "AccessKeyId", id, "Status", "Inactive"), ""},
		call{"DeleteAccessKey", is("UserName", "ana", "AccessKeyId", id), ""},
		call{"DeleteAccessKey", is("UserName", "ana", "AccessKeyId", id), missing},
	)
}

// The secret is told once, and nothing that is kept has it: neither the
// database nor the records of what was done.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	srv := rollcalltest.NewServer(t, &rollcalltest.Options{AuditReads: true})
	ana := apitest.New(srv).User(t, "ana", allowAll)
	made := ana.OK(t, "iam", "CreateAccessKey")
	ana.OK(t, "iam", "ListAccessKeys")
	found := 0
	err := filepath.WalkDir(srv.DataDir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(made.Get("AccessKeyId"))) {
			found++
		}
		for _, secret := range []string{ana.SecretAccessKey, made.Get("SecretAccessKey")} {
			if secret == "" || bytes.Contains(text, []byte(secret)) {
				t.Errorf("%q is in %s", secret, path)
			}
		}
		return err
	})
	if err != nil || found == 0 {
		t.Errorf("%v; the key's id is in %d files", err, found)
	}
}
