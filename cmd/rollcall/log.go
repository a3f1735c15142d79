package main

import (
	"bufio"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logDelay is how long a line of the log may wait for others.
const logDelay = 100 * time.Millisecond

// logWriter gathers lines and writes them together: at ten thousand requests
// a second a write for each would be a tenth of the work.
type logWriter struct {
	mu      sync.Mutex
	buffer  *bufio.Writer
	waiting bool // a flush is on its way
}

func newLogWriter(w io.Writer) *logWriter {
	return &logWriter{buffer: bufio.NewWriterSize(w, 64<<10)}
}

func (l *logWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.waiting {
		l.waiting = true
		time.AfterFunc(logDelay, l.flush)
	}
	return l.buffer.Write(line)
}

func (l *logWriter) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = false
	_ = l.buffer.Flush() // there is nowhere to report it to
}

// newLog makes the log in one of its formats.
func newLog(w io.Writer, format string) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}
