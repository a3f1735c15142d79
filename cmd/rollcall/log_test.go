package main

import (
	"bytes"
	"errors"
	"sync"
	"testing"
	"time"
)

// disk is a writer that can be full.
type disk struct {
	mu   sync.Mutex
	full bool
	bytes.Buffer
}

func (d *disk) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full {
		return 0, errors.New("no space left on device")
	}
	return d.Buffer.Write(p)
}

func (d *disk) fill(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

func (d *disk) has(text string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return bytes.Contains(d.Bytes(), []byte(text))
}

func TestLogGoesOnAfterAFullDisk(t *testing.T) {
	var d disk
	l := newLines(&d)
	log := newLog(l, "text")
	d.fill(true)
	log.Info("lost")
	l.flush()
	d.fill(false)
	log.Info("kept")
	l.flush()
	if d.has("lost") || !d.has("kept") {
		t.Errorf("the log is %q", &d.Buffer)
	}
}

func TestLogLetsNoErrorWait(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		var d disk
		log := newLog(newLines(&d), format).With("a", 1).WithGroup("g")
		log.Info("before")
		log.Error("now")
		if !d.has("before") || !d.has("now") {
			t.Errorf("%s: the log is %q", format, &d.Buffer)
		}
	}
}

func TestLogWritesOrdinaryLinesSoon(t *testing.T) {
	var d disk
	newLog(newLines(&d), "text").Info("soon")
	for end := time.Now().Add(10 * time.Second); !d.has("soon"); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the line was not written")
		}
	}
}
