package record

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

const (
	// ModulePath is the library's.
	ModulePath = "github.com/lfpool/lfpool"

	unknown = "unknown"
	dirty   = "+dirty"
)

// sourceCommit asks git for the commit that is checked out, with "+dirty" if the
// tree differs from it. Outside the library's module the answer would be about
// another project: it is "unknown" there.
func sourceCommit() string {
	if !inModule(".") && !inModule("..") {
		return unknown
	}
	out, err := exec.Command("git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty="+dirty).Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}

// inModule reports whether dir is the root of the library's module.
func inModule(dir string) bool {
	text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		return false
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line) == "module "+ModulePath
}
