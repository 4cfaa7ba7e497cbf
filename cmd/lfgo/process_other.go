//go:build !unix

package main

import (
	"os"
	"os/exec"
)

const exeSuffix = ".exe"

func setGroup(*exec.Cmd) {}

// interrupt ends a process: there is no signal that it could heed.
func interrupt(p *os.Process, _ bool) error { return p.Kill() }

func killGroup(*os.Process) {}

func replaceProcess(command []string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	return cmd.Run()
}

func peakBytes(*os.ProcessState) float64 { return 0 }
