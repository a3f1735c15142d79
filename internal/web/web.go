// Package web serves the pages that people see in a browser. They work
// without JavaScript and need nothing from elsewhere.
package web

import (
	"errors"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"rollcall/internal/access"
	"rollcall/internal/directory"
	"rollcall/internal/iam"
	"rollcall/internal/login"
	"rollcall/internal/request"
	"rollcall/internal/store"
)

// maxForm bounds a posted form, in bytes.
const maxForm = 64 << 10

// Config is what the pages stand on.
type Config struct {
	Directory *directory.Directory
	IAM       *iam.IAM
	Guard     *access.Guard
	People    *login.People
	Providers *login.Providers
	Hasher    *login.Hasher
	PublicURL string // origin of the pages in the browser's eyes
	HTTPS     bool   // browsers reach the pages over https only
	Now       func() time.Time
	Log       *slog.Logger
}

// Pages is the http.Handler of everything under /sn/.
type Pages struct {
	Config
	handler   http.Handler
	templates *template.Template
	mux       *http.ServeMux
	forgotten *login.Limiter // of those who ask for another password
}

// New makes the pages.
func New(c Config) (*Pages, error) {
	p := &Pages{Config: c, mux: http.NewServeMux(), forgotten: login.NewLimiter(c.Now)}
	var err error
	if p.templates, err = parseTemplates(); err != nil {
		return nil, err
	}
	p.mux.HandleFunc("GET "+startPath, p.start)
	p.mux.HandleFunc("GET "+signInPath, p.showSignIn)
	p.mux.HandleFunc("POST "+signInPath, p.signIn)
	p.mux.HandleFunc("POST "+signOutPath, p.signOut)
	p.mux.HandleFunc("POST "+signOutPath+"/everywhere", p.signedIn(p.signOutEverywhere))
	p.mux.HandleFunc("GET "+passwordPath, p.signedIn(p.ofNative(p.showPassword)))
	p.mux.HandleFunc("POST "+passwordPath, p.signedIn(p.ofNative(p.changePassword)))
	p.mux.HandleFunc("GET "+directory.RegisterPath, p.showInvitation)
	p.mux.HandleFunc("POST "+directory.RegisterPath, p.acceptInvitation)
	p.mux.HandleFunc("GET "+forgotPath, p.showForgot)
	p.mux.HandleFunc("POST "+forgotPath, p.forgot)
	p.mux.HandleFunc("GET "+directory.ResetPath, p.showReset)
	p.mux.HandleFunc("POST "+directory.ResetPath, p.reset)
	p.providerRoutes()
	p.consoleRoutes()
	p.mux.HandleFunc("/", p.notFound)

	csrf := http.NewCrossOriginProtection()
	if err := csrf.AddTrustedOrigin(c.PublicURL); err != nil {
		return nil, err
	}
	csrf.SetDenyHandler(http.HandlerFunc(p.crossOrigin))
	p.handler = p.Secure(csrf.Handler(p.mux))
	return p, nil
}

func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

// Secure sets the headers that keep other sites out of the pages, and the
// pages' addresses, which hold tokens, out of other sites.
func (p *Pages) Secure(next http.Handler) http.Handler {
	headers := map[string]string{
		"Content-Security-Policy":      policy(),
		"X-Frame-Options":              "DENY",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=()",
		"Cache-Control":                "no-store",
	}
	if p.HTTPS {
		headers["Strict-Transport-Security"] = "max-age=31536000"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		next.ServeHTTP(w, r)
	})
}

// message is a page that only tells something.
type message struct {
	Title          string
	Text           string
	Hint           string
	Link, LinkText string // where to go on; "": nowhere
}

// Tell shows a page that only tells something.
func (p *Pages) Tell(w http.ResponseWriter, r *http.Request, status int, title, text, hint string) {
	p.show(w, r, status, "message.html", message{Title: title, Text: text, Hint: hint})
}

func (p *Pages) notFound(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusNotFound, "message.html", message{
		Title: "There is no such page",
		Text:  "The address may be mistyped, or the page may have moved.",
		Link:  startPath, LinkText: "Go to the start page",
	})
}

func (p *Pages) crossOrigin(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusForbidden, "message.html", message{
		Title: "This form was sent from another site",
		Text:  "For your safety it was not accepted.",
		Hint:  "Open the page again, from your invitation or by its address, and fill in the form there.",
	})
}

// failurePage is the template of the page about failures.
const failurePage = "message.html"

// Fail is fail, for handlers elsewhere.
func (p *Pages) Fail(w http.ResponseWriter, r *http.Request, err error) { p.fail(w, r, err) }

// fail is for what is not the visitor's fault. The page gives the request's
// id, under which the log has the cause.
func (p *Pages) fail(w http.ResponseWriter, r *http.Request, err error) {
	info := request.From(r.Context())
	info.Err = err
	status := http.StatusInternalServerError
	if errors.Is(err, store.ErrUnavailable) {
		status = http.StatusServiceUnavailable
	}
	p.show(w, r, status, failurePage, message{
		Title: "Something went wrong",
		Text:  "Nothing was changed. Please try again in a moment.",
		Hint:  "If it keeps happening, give your administrator this number: " + info.ID,
	})
}

// readForm reads what was posted. Where that cannot be done it tells so, and ok
// is false.
func (p *Pages) readForm(w http.ResponseWriter, r *http.Request) (ok bool) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	err := r.ParseForm()
	if err == nil {
		return true
	}
	status := http.StatusBadRequest
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		status = http.StatusRequestEntityTooLarge
	}
	p.show(w, r, status, "message.html", message{
		Title: "This form could not be read",
		Text:  "It arrived incomplete, or it was too large. Nothing was changed.",
		Hint:  "Go back and send it again.",
	})
	return false
}
