package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/workspace"
)

const (
	execWord = "exec-as-user" // the hidden command
	execEnv  = "LFGO_USER_ENV"
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
