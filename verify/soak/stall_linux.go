package main

import (
	"syscall"
	"time"
	"unsafe"
)

// block blocks the thread in the kernel, with its processor or without.
func block(d time.Duration, withProcessor bool) {
	t := syscall.NsecToTimespec(int64(d))
	if withProcessor {
		// RawSyscall does not tell the scheduler.
		_, _, _ = syscall.RawSyscall(syscall.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&t)), 0, 0)
		return
	}
	_ = syscall.Nanosleep(&t, nil)
}
