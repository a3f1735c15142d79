package server

import (
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"

	"rollcall/internal/federation"
	"rollcall/internal/request"
	"rollcall/internal/restjson"
	"rollcall/internal/sigv4"
)

// handler is what every request goes through, from outside to inside.
func (s *Server) handler(f faces) http.Handler {
	return s.logged(s.guarded(s.onlyLoopbackHost(s.routed(f))))
}

// faces are what a server shows: QuickSight's API, that of IAM and STS, what
// rollcall's own commands call, the federation endpoint, and the pages.
type faces struct{ quicksight, iam, admin, federation, pages http.Handler }

// routed tells pages from calls. It looks at the path as it came and never redirects a call, whose signature
// would no longer fit.
func (s *Server) routed(f faces) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.EscapedPath()
		reading := r.Method == http.MethodGet || r.Method == http.MethodHead
		switch {
		case strings.HasPrefix(path, "/sn/") || path == "/sn":
			f.pages.ServeHTTP(w, r)
		case path == federation.Path:
			f.federation.ServeHTTP(w, r)
		case path == "/healthz" && reading:
			w.Header().Set(InstanceHeader, s.instance)
			fmt.Fprintln(w, "ok")
		case path == "/readyz" && reading:
			s.ready(w, r)
		case path == "/" && reading && !r.URL.Query().Has("Action"):
			http.Redirect(w, r, "/sn/start", http.StatusSeeOther)
		default:
			f.call(w, r)
		}
	})
}

// call answers a call by the service that it is signed for, since paths under
// /v1/ are QuickSight's too.
func (f faces) call(w http.ResponseWriter, r *http.Request) {
	switch service := sigv4.ClaimedService(r); {
	case service == "rollcall":
		f.admin.ServeHTTP(w, r)
	case r.URL.EscapedPath() == "/" && service != "quicksight":
		f.iam.ServeHTTP(w, r)
	default:
		f.quicksight.ServeHTTP(w, r)
	}
}

// ready says whether the store can be read and written.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	if err := s.store.Ready(r.Context()); err != nil {
		request.From(r.Context()).Err = err
		http.Error(w, "unavailable", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// onlyLoopbackHost refuses, under --dev, requests that a page of another site
// sends here under a name of its own (DNS rebinding): the key is known to all.
func (s *Server) onlyLoopbackHost(next http.Handler) http.Handler {
	if !s.config.Dev {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = strings.Trim(r.Host, "[]")
		}
		if !loopbackHost(host) {
			refused := &restjson.Error{Code: "AccessDeniedException", Status: http.StatusMisdirectedRequest, Framework: true,
				Message: "Under --dev the Host must be a loopback one."}
			refused.Write(w, request.From(r.Context()).ID)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// guarded answers for a handler that panics.
func (s *Server) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			info := request.From(r.Context())
			info.Code, info.Err = "InternalFailureException", fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			failure := &restjson.Error{Code: info.Code, Status: http.StatusInternalServerError, Message: "An internal failure occurred."}
			failure.Write(w, info.ID)
		}()
		next.ServeHTTP(w, r)
	})
}

// answer is a ResponseWriter that remembers the status.
type answer struct {
	http.ResponseWriter
	status int
}

func (a *answer) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what it needs.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// client is where a request comes from, and whether it came over TLS. A proxy
// in front adds the address of its client as the last of X-Forwarded-For; what
// stands before is what the client itself says.
func (s *Server) client(r *http.Request) (ip string, secure bool) {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	if !s.config.BehindProxy {
		return ip, r.TLS != nil
	}
	if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
		last := all[len(all)-1]
		ip = parseClient(strings.TrimSpace(last[strings.LastIndex(last, ",")+1:]))
	}
	return ip, true
}

// parseClient reads an address with or without a port; "" is none, so that no
// policy takes the proxy for its client.
func parseClient(text string) string {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().String()
	}
	if at, err := netip.ParseAddr(strings.Trim(text, "[]")); err == nil {
		return at.String()
	}
	return ""
}

// logged writes one line when a request is done. The query stays out of it:
// there are tokens in some.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		ctx, info := request.New(r.Context())
		info.UserAgent = r.UserAgent()
		info.SourceIP, info.Secure = s.client(r)
		a := &answer{w, http.StatusOK}
		next.ServeHTTP(a, r.WithContext(ctx))
		level := slog.LevelInfo
		if a.status >= 500 && r.Context().Err() == nil { // else the client has gone
			level = slog.LevelError
		}
		if !s.config.Log.Enabled(ctx, level) {
			return
		}
		attrs := append(make([]slog.Attr, 0, 11),
			slog.String("id", info.ID),
			slog.String("remote", info.SourceIP),
			slog.String("method", r.Method),
			slog.String("path", r.URL.EscapedPath()),
			slog.Int("status", a.status),
			slog.Duration("took", time.Since(began)),
		)
		for _, extra := range []struct{ key, value string }{
			{"operation", info.Operation}, {"caller", info.Caller}, {"code", info.Code}, {"why", info.Why},
		} {
			if extra.value != "" {
				attrs = append(attrs, slog.String(extra.key, extra.value))
			}
		}
		if info.Err != nil {
			attrs = append(attrs, slog.Any("err", info.Err))
		}
		s.config.Log.LogAttrs(ctx, level, "request", attrs...)
	})
}
