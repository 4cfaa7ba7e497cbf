package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/workspace"
)

const (
	execWord    = "exec-as-user" // a hidden command, for tests
	execEnv     = "LFGO_USER_ENV"
	measureWord = "measure" // a hidden command, for benchmarks
)

// userExec returns the command to give to go test -exec, and a variable for its
// environment, that give tests the user's own environment again: a test that
// itself calls the go command must not meet lfgo's go.work.
func userExec(w *workspace.Workspace, users string) (command, env string, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", "", err
	}
	was, err := json.Marshal(w.UserEnv())
	if err != nil {
		return "", "", err
	}
	quote := "'"
	if strings.Contains(self, quote) {
		quote = `"`
	}
	return strings.TrimSpace(quote + self + quote + " " + execWord + " " + users), execEnv + "=" + string(was), nil
}

// execAsUser runs a command in the environment that userExec noted.
func execAsUser(command []string) error {
	var was []string
	if err := json.Unmarshal([]byte(os.Getenv(execEnv)), &was); err != nil || len(command) == 0 {
		return errors.New(execWord + " is for lfgo itself")
	}
	for _, setting := range append(was, execEnv) {
		name, value, set := strings.Cut(setting, "=")
		if !set {
			if err := os.Unsetenv(name); err != nil {
				return err
			}
			continue
		}
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	if err := replaceProcess(command); err != nil {
		return fmt.Errorf("%s: %w", command[0], err)
	}
	return nil
}

// usage is what a process has used.
type usage struct {
	CPU  float64 // seconds
	Peak float64 // bytes; 0 if unknown
}

// measured runs a command and writes what it has used to a file. It is for a
// process apart from the one that has loaded the user's program: Linux counts the
// memory of the process that starts another one towards the peak of that.
func measured(args []string) error {
	if len(args) < 2 {
		return errors.New(measureWord + " is for lfgo itself")
	}
	signal.Ignore(os.Interrupt) // the command, in the same group, ends by it
	cmd := exec.Command(args[1], args[2:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	ran := cmd.Run()
	if cmd.ProcessState != nil {
		s := cmd.ProcessState
		text, err := json.Marshal(usage{(s.UserTime() + s.SystemTime()).Seconds(), peakBytes(s)})
		if err != nil {
			return err
		}
		if err := os.WriteFile(args[0], text, 0o666); err != nil {
			return err
		}
	}
	return ran
}
