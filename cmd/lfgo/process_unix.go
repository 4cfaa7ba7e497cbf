//go:build unix

package main

import (
	"os"
	"os/exec"
	"runtime"
	"syscall"
)

const exeSuffix = ""

func setGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// interrupt tells a process, with its group if that is its own, to end.
func interrupt(p *os.Process, group bool) error {
	if group {
		return syscall.Kill(-p.Pid, syscall.SIGINT)
	}
	return p.Signal(syscall.SIGTERM)
}

// killGroup ends what an interrupted process has left. There may be nothing.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }

func replaceProcess(command []string) error {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	return syscall.Exec(path, command, os.Environ())
}

// peakBytes is the most memory that an ended process had.
func peakBytes(state *os.ProcessState) float64 {
	used, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return float64(used.Maxrss)
	}
	return float64(used.Maxrss) * 1024
}
