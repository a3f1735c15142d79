package mail

import (
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io"
	"io/fs"
	"os"
	"strings"
	texttemplate "text/template"
	"time"
	"unicode/utf8"
)

//go:embed templates
var embedded embed.FS

// letter is the templates of one kind of mail. The text's also has the
// subject.
type letter struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

// rendered is a letter filled in.
type rendered struct{ subject, plain, html string }

// sample shows at the start what a template would only show in use. Nothing
// in the link is escaped in HTML.
var sample = Data{
	UserName:    "maria",
	AccountName: "example",
	Link:        "https://rollcall.example/sample-link",
	Expires:     time.Date(2026, 1, 2, 15, 4, 0, 0, time.UTC),
}

func loadLetters(dir string) (map[Kind]*letter, error) {
	if dir != "" {
		if _, err := os.ReadDir(dir); err != nil {
			return nil, &FieldError{"TemplatesDir", "cannot be read: " + err.Error()}
		}
	}
	letters := map[Kind]*letter{}
	for _, k := range []Kind{Invitation, Reset} {
		l, err := loadLetter(dir, string(k))
		if err != nil {
			return nil, &FieldError{"TemplatesDir", "has a " + err.Error()}
		}
		letters[k] = l
	}
	return letters, nil
}

func loadLetter(dir, name string) (l *letter, err error) {
	l = &letter{}
	source, err := readTemplate(dir, name+".txt")
	if err != nil {
		return nil, err
	}
	if l.text, err = texttemplate.New(name + ".txt").Parse(source); err != nil {
		return nil, templateError(name+".txt", err)
	}
	if source, err = readTemplate(dir, name+".html"); err != nil {
		return nil, err
	}
	if l.html, err = htmltemplate.New(name + ".html").Parse(source); err != nil {
		return nil, templateError(name+".html", err)
	}
	return l, l.try()
}

// readTemplate prefers the directory's file to the one in the program.
func readTemplate(dir, name string) (string, error) {
	if dir != "" {
		b, err := fs.ReadFile(os.DirFS(dir), name)
		if !errors.Is(err, fs.ErrNotExist) {
			return string(b), templateError(name, err)
		}
	}
	b, err := embedded.ReadFile("templates/" + name)
	return string(b), templateError(name, err)
}

func templateError(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("bad template %s: %w", name, err)
}

// try fills in the sample: a mail without its link is useless, and one that
// never renders is too.
func (l *letter) try() error {
	r, err := l.render(sample)
	if err != nil {
		return err
	}
	if !strings.Contains(r.plain, sample.Link) {
		return templateError(l.text.Name(), errors.New("the link is missing"))
	}
	if !strings.Contains(r.html, sample.Link) {
		return templateError(l.html.Name(), errors.New("the link is missing"))
	}
	return nil
}

func (l *letter) render(d Data) (r rendered, err error) {
	subject, err := execute(l.text.Name(), d, func(w io.Writer, d Data) error {
		return l.text.ExecuteTemplate(w, "subject", d)
	})
	if err != nil {
		return r, err
	}
	if r.subject, err = checkSubject(subject, d); err != nil {
		return r, templateError(l.text.Name(), err)
	}
	if r.plain, err = execute(l.text.Name(), d, func(w io.Writer, d Data) error { return l.text.Execute(w, d) }); err != nil {
		return r, err
	}
	r.html, err = execute(l.html.Name(), d, func(w io.Writer, d Data) error { return l.html.Execute(w, d) })
	return r, err
}

func execute(name string, d Data, fill func(io.Writer, Data) error) (string, error) {
	var b strings.Builder
	if err := fill(&b, d); err != nil {
		return "", templateError(name, err)
	}
	return strings.TrimSpace(b.String()) + "\n", nil
}

// checkSubject gives the subject as one line. It must not have the link, as
// subjects are shown on locked screens and kept in servers' logs.
func checkSubject(subject string, d Data) (string, error) {
	switch subject = oneLine(subject); {
	case subject == "":
		return "", errors.New("the subject is empty")
	case strings.Contains(subject, d.Link):
		return "", errors.New("the subject has the link")
	case !utf8.ValidString(subject) || strings.ContainsFunc(subject, control):
		return "", errors.New("the subject has a control character")
	}
	return subject, nil
}

// oneLine makes all white space single spaces. Folding a header at the second
// of two spaces makes a line of white space, which RFC 5322 section 3.2.2
// forbids and some servers take for the header's end.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// wordSize is how many octets go into an encoded word: with it, a line stays
// below 76 characters behind the name of the header (RFC 2047 section 2).
const wordSize = 36

// encodeSubject encodes what is not plain ASCII, what a reader would take for
// encoded, and words too long for a line.
func encodeSubject(s string) string {
	plain := !strings.Contains(s, "=?")
	for _, word := range strings.Fields(s) {
		plain = plain && len(word) <= wordSize
	}
	if plain && !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) {
		return s
	}
	var words []string
	for s != "" {
		n := wholeRunes(s, wordSize)
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s[:n]))+"?=")
		s = s[n:]
	}
	return strings.Join(words, " ")
}

// wholeRunes is the size of the longest part of up to most octets that does
// not cut a character (RFC 2047 section 5).
func wholeRunes(s string, most int) int {
	if len(s) <= most {
		return len(s)
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return most
}
