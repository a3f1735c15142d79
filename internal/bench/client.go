package main

import (
	"bytes"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// load is requests for a server.
type load struct {
	address     string
	connections int
	requests    [][]byte      // as they go over the wire
	again       bool          // begin again after the last
	warmUp      time.Duration // before duration; does not count
	duration    time.Duration // 0: until the requests are used up
	every       time.Duration // from when a request is due to when the next is; 0: due when the one before it has been answered

	taken               atomic.Int64
	began, counts, ends time.Time // what begins between the latter two counts
}

// result is what came of a load.
type result struct {
	sent      int             // requests, also those that do not count
	errors    int             // connections that ended in one
	err       error           // one of them
	latencies []time.Duration // ascending
	rate      float64         // requests a second

	cost  time.Duration // processor time of the server for a request
	ratio float64       // to the bare handler's rate in the same round
}

// drive runs a load. The client shares the cores with the server, so it does
// as little for a request as it can: it parses no header that it need not, and
// allocates nothing.
func drive(l *load) (r result) {
	l.began = time.Now()
	l.counts = l.began.Add(l.warmUp)
	l.ends = l.counts.Add(l.duration)
	parts := make([]result, l.connections)
	var workers sync.WaitGroup
	for i := range parts {
		workers.Go(func() { parts[i] = l.work() })
	}
	workers.Wait()
	elapsed := time.Since(l.counts)
	for _, p := range parts {
		r.sent += p.sent
		r.latencies = append(r.latencies, p.latencies...)
		if r.errors += p.errors; p.err != nil {
			r.err = p.err
		}
	}
	slices.Sort(r.latencies)
	if elapsed > 0 { // else it failed while warming up
		r.rate = float64(len(r.latencies)) / elapsed.Seconds()
	}
	return r
}

// work sends requests over one connection, each when the one before it has
// been answered, until the end or the first failure. What is due at a time of
// its own has a latency from then on, also when it had to wait for a
// connection.
func (l *load) work() (r result) {
	c, err := dial(l.address)
	if err != nil {
		return result{errors: 1, err: err}
	}
	defer c.Close()
	r.latencies = make([]time.Duration, 0, 1<<14)
	began := time.Now()
	for l.duration == 0 || began.Before(l.ends) {
		request, due := l.take()
		if request == nil {
			break
		}
		if l.every > 0 {
			time.Sleep(time.Until(due))
			began = due
		}
		r.sent++
		if _, err := c.call(request); err != nil {
			r.errors, r.err = 1, err
			break
		}
		now := time.Now()
		if began.After(l.counts) {
			r.latencies = append(r.latencies, now.Sub(began))
		}
		began = now
	}
	return r
}

// take gives the next request and when it is due, nil when there is none.
func (l *load) take() (request []byte, due time.Time) {
	n := int(l.taken.Add(1)) - 1
	if n >= len(l.requests) && !l.again {
		return nil, due
	}
	return l.requests[n%len(l.requests)], l.began.Add(time.Duration(n) * l.every)
}

// conn is a keep-alive connection.
type conn struct {
	net.Conn
	buffer []byte
}

func dial(address string) (*conn, error) {
	c, err := net.Dial("tcp", address)
	return &conn{c, make([]byte, 64<<10)}, err
}

// call sends a request and gives the body of the answer, which is good until
// the next call. Everything but a success is an error.
func (c *conn) call(request []byte) ([]byte, error) {
	if _, err := c.Write(request); err != nil {
		return nil, err
	}
	for have := 0; ; {
		n, err := c.Read(c.buffer[have:])
		if err != nil {
			return nil, fmt.Errorf("after %q: %w", c.buffer[:have], err)
		}
		have += n
		start, end := bounds(c.buffer[:have])
		switch {
		case end > len(c.buffer):
			return nil, fmt.Errorf("the answer has %d bytes", end)
		case end == 0 || end > have:
		case !bytes.HasPrefix(c.buffer, []byte("HTTP/1.1 2")):
			return nil, fmt.Errorf("the server answers %q", c.buffer[:end])
		default:
			return c.buffer[start:end], nil
		}
	}
}

// bounds gives where the body of an answer starts and ends, which the server
// has to state; 0 while the header is not complete.
func bounds(answer []byte) (start, end int) {
	header, _, complete := bytes.Cut(answer, []byte("\r\n\r\n"))
	if !complete {
		return 0, 0
	}
	_, value, _ := bytes.Cut(header, []byte("\r\nContent-Length: "))
	value, _, _ = bytes.Cut(value, []byte("\r"))
	length, _ := strconv.Atoi(string(value))
	start = len(header) + 4
	return start, start + length
}
