package outbox_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"rollcall/internal/mailtest"
	"rollcall/internal/outbox"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/store/sqlstore"
)

// The child is this test binary, which with these in its environment is a
// server that puts a mail and tries to send it.
const (
	childVariable  = "OUTBOX_TEST_CHILD"  // directory
	serverVariable = "OUTBOX_TEST_SERVER" // address of the mail server
)

// owner is that of a server that has its store to itself.
const owner = "the only server"

func child(dir, server string) {
	key, err := seal.LoadOrCreate(filepath.Join(dir, "master.key"), true)
	try(err)
	s, err := sqlstore.Open(context.Background(), filepath.Join(dir, "rollcall.db"), sqlstore.Options{})
	try(err)
	sender, err := newSender(server)
	try(err)
	o := outbox.New(outbox.Config{
		Store: s, Key: key, Sender: sender, Owner: owner, Log: slog.New(slog.NewTextHandler(os.Stderr, nil))})
	ana, err := newUser(s, "ana")
	try(err)
	try(put(s, o, ana, 1, life))
	o.Wake()
	fmt.Println(ana.NamespaceID, ana.ID) // it is acknowledged
	select {}
}

func try(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// startChild gives the child when it has put its mail, and whom it is to.
func startChild(t *testing.T, dir, server string) (*exec.Cmd, *store.User) {
	t.Helper()
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childVariable+"="+dir, serverVariable+"="+server)
	c.Stderr = t.Output()
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	var id string
	ana := &store.User{Name: "ana"}
	if _, err := fmt.Fscanln(bufio.NewReader(out), &ana.NamespaceID, &id); err != nil {
		t.Fatal(err)
	}
	if err := ana.ID.UnmarshalText([]byte(id)); err != nil {
		t.Fatal(err)
	}
	return c, ana
}

func kill(t *testing.T, c *exec.Cmd) {
	t.Helper()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	if s := c.ProcessState.Sys().(syscall.WaitStatus); s.Signal() != syscall.SIGKILL {
		t.Fatalf("the child ended by itself: %v", c.ProcessState)
	}
}

// restart opens what a killed child has left.
func restart(t *testing.T, dir string, box *mailtest.Box, owner string) *kit {
	t.Helper()
	k := &kit{t: t, box: box, path: filepath.Join(dir, "rollcall.db")}
	ahead := func() time.Time { return time.Now().Add(10 * time.Second) } // so that less is to be waited for
	var err error
	if k.key, err = seal.LoadOrCreate(filepath.Join(dir, "master.key"), false); err != nil {
		t.Fatal(err)
	}
	k.store = openStore(t, k.path, ahead)
	k.open(func(c *outbox.Config) { c.Owner = owner })
	return k
}

// The mail server is down, and the server that tries is killed between two
// tries.
func TestKilledWhileTheServerIsDown(t *testing.T) {
	t.Parallel()
	box, dir := mailtest.Down(t), t.TempDir()
	c, ana := startChild(t, dir, box.Address())
	k := &kit{t: t, store: openStore(t, filepath.Join(dir, "rollcall.db"), nil)}
	k.untilTries(ana, 1)
	kill(t, c)
	if m := k.mail(ana); m.State != store.MailWaiting {
		t.Fatalf("%+v", m)
	}
	box.Start()
	arrivesOnce(t, restart(t, dir, box, owner), ana)
}

// It is killed while it speaks to the mail server, which has not taken the
// mail. The next one sends at once if it is the only one, and else when the
// lease is over.
func TestKilledWhileSending(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		owner       string
		least, most time.Duration
	}{
		"TheOnlyServer": {owner, 0, 4 * time.Second},
		"AnotherServer": {"another", 4 * time.Second, 15 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			box, dir := mailtest.Down(t), t.TempDir()
			silent, err := net.Listen("tcp", box.Address())
			if err != nil {
				t.Fatal(err)
			}
			c, ana := startChild(t, dir, box.Address())
			conn, err := silent.Accept()
			if err != nil {
				t.Fatal(err)
			}
			kill(t, c)
			conn.Close()
			silent.Close()
			box.Start()
			began := time.Now()
			arrivesOnce(t, restart(t, dir, box, tt.owner), ana)
			t.Logf("sent after %s", time.Since(began))
			if took := time.Since(began); took < tt.least || took > tt.most {
				t.Errorf("that took %s", took)
			}
		})
	}
}

func arrivesOnce(t *testing.T, k *kit, u *store.User) {
	t.Helper()
	have := k.box.Wait(1)[0]
	m := k.untilState(u, store.MailSent)
	if have.Link != link(1) || have.MessageID != "<"+m.ID.String()+"@example.com>" {
		t.Errorf("%+v of %+v", have, m)
	}
	time.Sleep(1500 * time.Millisecond) // the worker has looked again
	k.box.Wait(1)
}
