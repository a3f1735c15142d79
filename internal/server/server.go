package server

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
	"github.com/google/uuid"

	"rollcall/internal/access"
	"rollcall/internal/adminapi"
	"rollcall/internal/api"
	"rollcall/internal/audit"
	"rollcall/internal/directory"
	"rollcall/internal/federation"
	"rollcall/internal/iam"
	"rollcall/internal/iamapi"
	"rollcall/internal/login"
	"rollcall/internal/mail"
	"rollcall/internal/outbox"
	"rollcall/internal/seal"
	"rollcall/internal/store"
	"rollcall/internal/web"
	"rollcall/internal/webidentity"
)

// Limits of a connection. A request is small and quick; who is slower than
// this is not a client.
const (
	headerTimeout = 10 * time.Second
	readTimeout   = 30 * time.Second
	writeTimeout  = 60 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10 // bytes
	drainTimeout  = 10 * time.Second
)

// Server is a server that listens. Run serves it.
type Server struct {
	config   Config
	started  time.Time
	instance string
	locks    []*flock.Flock
	store    store.Store
	audit    *audit.Log
	outbox   *outbox.Outbox // nil: no mails are sent
	listener net.Listener
	account  store.Account
	http     *http.Server
}

// Run opens a server and serves until ctx ends.
func Run(ctx context.Context, c Config) error {
	s, err := Open(ctx, c)
	if err != nil {
		return err
	}
	return s.Run(ctx)
}

// Open opens the data directory and listens. The caller runs the server,
// which closes it, or closes it.
func Open(ctx context.Context, c Config) (*Server, error) {
	c = c.withDefaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	s := &Server{config: c, started: time.Now(), instance: rand.Text()}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Server) open(ctx context.Context) (err error) {
	if err := s.lock(); err != nil {
		return err
	}
	opened, key, err := openStore(ctx, s.config)
	if err != nil {
		return err
	}
	s.store = opened
	if s.account, err = account(ctx, s.store, s.config); err != nil {
		return err
	}
	keys := access.NewKeys(s.store, key)
	if err := rootKey(ctx, s.store, keys, s.config, s.account); err != nil {
		return err
	}
	if s.listener, err = listen(s.config); err != nil {
		return err
	}
	s.config.PublicURL = origin(cmp.Or(s.config.PublicURL, s.localURL()))
	s.audit = audit.NewLog(audit.Config{
		Store: s.store, Reads: s.config.AuditReads, Keep: s.config.AuditKeep, Log: s.config.Log})
	if s.outbox, err = openOutbox(s.store, key, s.config); err != nil {
		return err
	}
	return s.mount(keys, key)
}

// openOutbox starts sending mails, if there is a server for them. The lock on
// the database keeps all other servers off, so what holds the lease on sending
// is this one, or one that has ended.
func openOutbox(s store.Store, key *seal.Key, c Config) (*outbox.Outbox, error) {
	if c.Mail == nil {
		return nil, nil
	}
	sender, err := mail.New(*c.Mail)
	if err != nil {
		return nil, err
	}
	return outbox.New(outbox.Config{Store: s, Key: key, Sender: sender, Log: c.Log, Owner: "the only server"}), nil
}

// mount puts the API and the pages behind the listener.
func (s *Server) mount(keys *access.Keys, key *seal.Key) error {
	c := s.config
	guard := access.NewGuard(s.store, keys, s.audit)
	dir := directory.New(directory.Config{
		Store: s.store, Guard: guard, Outbox: s.outbox, Key: key, PublicURL: c.PublicURL, MaxUsers: c.MaxUsers, Now: c.Now,
		AnyIAMPrincipal: c.AnyIAMPrincipal})
	verifier := webidentity.New(webidentity.Config{Loopback: c.Dev, RootCAs: c.OIDCCAs, Now: c.Now})
	principals := iam.New(iam.Config{Store: s.store, Guard: guard, Keys: keys, Key: key, Verifier: verifier, Loopback: c.Dev, Now: c.Now})
	hasher := login.NewHasher()
	people := login.NewPeople(s.store, guard, hasher, s.audit, c.Now)
	pages, err := web.New(web.Config{
		Directory: dir,
		IAM:       principals,
		Guard:     guard,
		People:    people,
		Providers: login.NewProviders(people, verifier, key, c.PublicURL),
		Hasher:    hasher,
		PublicURL: c.PublicURL,
		HTTPS:     strings.HasPrefix(c.PublicURL, "https:"),
		Now:       c.Now,
		Log:       c.Log,
	})
	if err != nil {
		return err
	}
	s.http = &http.Server{
		Handler: s.handler(faces{
			quicksight: api.New(api.Config{Directory: dir, Guard: guard, Keys: keys, Now: c.Now}),
			iam:        iamapi.New(iamapi.Config{IAM: principals, Guard: guard, Keys: keys, Now: c.Now}),
			admin:      adminapi.New(adminapi.Config{Guard: guard, IAM: principals, Keys: keys, Key: key, Now: c.Now, Callback: c.PublicURL + login.CallbackPath}),
			federation: pages.Secure(federation.New(federation.Config{
				Store: s.store, Guard: guard, Keys: keys, Key: key, Audit: s.audit, People: people, Pages: pages, PublicURL: c.PublicURL, Now: c.Now})),
			pages: pages,
		}),
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(c.Log.Handler(), slog.LevelWarn),
	}
	return nil
}

// lock takes the data directory and the database, which may be elsewhere, for
// this server alone.
func (s *Server) lock() error {
	c := s.config
	if err := makeDataDir(c.DataDir); err != nil {
		return err
	}
	for _, of := range []struct{ file, what string }{
		{filepath.Join(c.DataDir, "lock"), fmt.Sprintf("data directory %q", c.DataDir)},
		{c.Database + ".lock", fmt.Sprintf("database %q", c.Database)},
	} {
		l, err := lock(of.file, of.what)
		if err != nil {
			return err
		}
		s.locks = append(s.locks, l)
	}
	return nil
}

// listen opens the listener, with TLS where there is a certificate.
func listen(c Config) (net.Listener, error) {
	l, err := net.Listen("tcp", c.Listen)
	if err != nil || c.TLSCert == "" {
		return l, err
	}
	cert, err := tls.LoadX509KeyPair(c.TLSCert, c.TLSKey)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("reading --tls-cert and --tls-key: %w", err), l.Close())
	}
	return tls.NewListener(l, &tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"h2", "http/1.1"},
	}), nil
}

// localURL is where the server is found from this machine.
func (s *Server) localURL() string {
	scheme := "http"
	if s.config.TLSCert != "" {
		scheme = "https"
	}
	_, port, _ := net.SplitHostPort(s.listener.Addr().String())
	return scheme + "://localhost:" + port
}

// URL is the public URL, without a final slash.
func (s *Server) URL() string { return s.config.PublicURL }

// Account is the server's account.
func (s *Server) Account() store.Account { return s.account }

// Run serves until ctx ends, answers what has begun, and closes the server.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(s.listener) }()
	err := s.announce()
	if err == nil {
		select {
		case err = <-failed:
		case <-ctx.Done():
		}
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	if stop := s.http.Shutdown(drain); stop != nil {
		err = errors.Join(err, s.http.Close())
		s.config.Log.Warn("stopped with requests under way", "err", stop)
	}
	return errors.Join(err, s.Close())
}

// announce says, to people and to clients, that the server is ready.
func (s *Server) announce() error {
	c := s.config
	err := writeEndpoint(c.DataDir, Endpoint{
		URL:      c.PublicURL,
		Listen:   s.listener.Addr().String(),
		TLS:      c.TLSCert != "",
		Region:   s.account.Region,
		Account:  s.account.ID,
		Dev:      c.Dev,
		Instance: s.instance,
	})
	if err != nil {
		return fmt.Errorf("writing endpoint file: %w", err)
	}
	credentials := filepath.Join(c.DataDir, CredentialsFile)
	if c.Dev {
		credentials = "test / test (--dev)"
	}
	_, err = fmt.Fprintf(c.Out, "listening on %s\naccount %s (%s), identity region %s\nroot access key: %s\n%sready in %d ms\n",
		c.PublicURL, s.account.ID, s.account.Name, s.account.Region, credentials, s.firstRun(),
		time.Since(s.started).Milliseconds())
	return err
}

// firstRun tells how to begin while nobody is registered; else it is "".
func (s *Server) firstRun() string {
	none := false
	err := s.store.View(context.Background(), func(r store.Reader) error {
		ns, err := r.Namespace(s.account.ID, "default")
		if err != nil {
			return err
		}
		users, err := r.UserPage(ns.ID, uuid.UUID{}, 1)
		none = len(users) == 0
		return err
	})
	if err != nil || !none {
		return ""
	}
	return "nobody is registered yet: rollcall invite you@example.com --role ADMIN\n"
}

// Close gives back what Open took. It is harmless after Run.
func (s *Server) Close() error {
	var err error
	if s.listener != nil {
		s.listener.Close() // closed already when it was served
	}
	s.outbox.Close()
	if s.audit != nil {
		s.audit.Close()
		s.audit = nil
	}
	if s.store != nil {
		err = errors.Join(err, s.store.Close(), removeEndpoint(s.config.DataDir))
		s.store = nil
	}
	for _, l := range s.locks {
		err = errors.Join(err, l.Unlock())
	}
	s.locks = nil
	return err
}
