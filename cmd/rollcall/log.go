package main

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logDelay is how long an ordinary line of the log may wait for others.
const logDelay = 100 * time.Millisecond

// lines gathers lines and writes them together: at ten thousand requests a
// second a write for each would be a tenth of the work.
type lines struct {
	mu      sync.Mutex
	to      io.Writer
	buffer  *bufio.Writer
	waiting bool // a flush is on its way
}

func newLines(w io.Writer) *lines {
	return &lines{to: w, buffer: bufio.NewWriterSize(w, 64<<10)}
}

func (l *lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.waiting {
		l.waiting = true
		time.AfterFunc(logDelay, l.flush)
	}
	n, err := l.buffer.Write(line)
	l.recover(err)
	return n, err
}

func (l *lines) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = false
	l.recover(l.buffer.Flush())
}

// recover gives up the lines that could not be written, as to a full disk, so
// that those to come have a chance: a bufio.Writer keeps its error.
func (l *lines) recover(err error) {
	if err != nil {
		l.buffer.Reset(l.to)
	}
}

// prompt is a handler that lets no warning or error wait: it may be the last
// thing that the program says.
type prompt struct {
	slog.Handler
	lines *lines
}

func (p prompt) Handle(ctx context.Context, r slog.Record) error {
	err := p.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		p.lines.flush()
	}
	return err
}

func (p prompt) WithAttrs(attrs []slog.Attr) slog.Handler {
	return prompt{p.Handler.WithAttrs(attrs), p.lines}
}

func (p prompt) WithGroup(name string) slog.Handler {
	return prompt{p.Handler.WithGroup(name), p.lines}
}

// newLog makes the log in one of its formats.
func newLog(l *lines, format string) *slog.Logger {
	if format == "json" {
		return slog.New(prompt{slog.NewJSONHandler(l, nil), l})
	}
	return slog.New(prompt{slog.NewTextHandler(l, nil), l})
}
