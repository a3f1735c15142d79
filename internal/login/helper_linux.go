package login

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"
)

// program is this one, even if another has been put in its place since.
func program() (string, error) { return "/proc/self/exe", nil }

// startLowly starts a process at a low priority. What a thread starts inherits
// its priority, so a thread lowers its own; it cannot raise it again and ends,
// because its goroutine ends without unlocking it.
func startLowly(cmd *exec.Cmd) (err error) {
	started := make(chan struct{})
	go func() {
		defer close(started)
		runtime.LockOSThread()
		if syscall.Gettid() == os.Getpid() {
			// The main thread never ends. While it is locked here, the next
			// attempt gets another.
			defer runtime.UnlockOSThread()
			err = startLowly(cmd)
			return
		}
		lowerThread()
		err = cmd.Start()
	}()
	<-started
	return err
}

// lowerThread lets all others go before this thread. With a nice value alone,
// what wakes up still waits for the end of this one's turn, some milliseconds;
// SCHED_IDLE has no turn to end. A hash at another priority is better than
// none, so it does not matter whether the system permits this.
func lowerThread() {
	const schedIdle = 5
	var priority int32 // the only one there is
	_ = syscall.Setpriority(syscall.PRIO_PROCESS, 0, 19)
	_, _, _ = syscall.Syscall(syscall.SYS_SCHED_SETSCHEDULER, 0, schedIdle, uintptr(unsafe.Pointer(&priority)))
}
