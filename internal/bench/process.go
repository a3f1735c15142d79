package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a server that is ready.
type process struct {
	cmd        *exec.Cmd
	address    string
	readyAfter time.Duration
}

// start starts a server, which prints its address and then that it is ready.
func start(cmd *exec.Cmd) (*process, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if url, ok := strings.CutPrefix(lines.Text(), "listening on http://"); ok {
			_, port, _ := net.SplitHostPort(url)
			p.address = net.JoinHostPort("127.0.0.1", port)
		}
		if strings.HasPrefix(lines.Text(), "ready") {
			p.readyAfter = time.Since(began)
			return p, nil
		}
	}
	return nil, fmt.Errorf("%s did not get ready: %v", cmd, cmd.Wait())
}

// stop asks the server to end well.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// kill ends the server if it still runs.
func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
	}
}

// warmUp comes before each measurement.
const warmUp = 300 * time.Millisecond

// drive puts a load on the server and adds what that cost the server.
func (p *process) drive(l *load, o options) result {
	l.address, l.warmUp, l.duration = p.address, warmUp, o.duration
	if l.connections == 0 {
		l.connections = o.connections
	}
	before := p.processorTime()
	r := drive(l)
	r.cost = (p.processorTime() - before) / time.Duration(max(1, r.sent))
	return r
}

// processorTime is what the server, without its helpers, has used so far, in the ticks of Linux
// (USER_HZ is 100 everywhere); 0 where there is no /proc.
func (p *process) processorTime() time.Duration {
	pid := p.cmd.Process.Pid
	user, system := proc(pid, "stat", 13), proc(pid, "stat", 14)
	return time.Duration(user+system) * 10 * time.Millisecond
}

// resident is the memory of the server and its helpers in bytes; 0 where there
// is no /proc.
func (p *process) resident() (bytes int) {
	pids := []int{p.cmd.Process.Pid}
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pids[0]))
	for _, list := range lists {
		text, _ := os.ReadFile(list)
		for _, child := range strings.Fields(string(text)) {
			pid, _ := strconv.Atoi(child)
			pids = append(pids, pid)
		}
	}
	for _, pid := range pids {
		bytes += proc(pid, "statm", 1) * os.Getpagesize()
	}
	return bytes
}

// proc is a field of a process's file in /proc.
func proc(pid int, file string, field int) int {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
	fields := append(strings.Fields(string(text)), make([]string, field+1)...)
	n, _ := strconv.Atoi(fields[field])
	return n
}
