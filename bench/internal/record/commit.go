package record

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

const (
	// ModulePath is the library's.
	ModulePath = "github.com/lfpool/lfpool"

	unknown = "unknown"
	dirty   = "+dirty"
)

// From is set by the linker where the go command does not know the commit: in the bench
// that the ablation builds from copies.
var From string

// SourceCommit names the commit that this was built from, with "+dirty" if the tree
// differed from it, or says "unknown".
func SourceCommit() string {
	if From != "" {
		return From
	}
	built := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			built[s.Key] = s.Value
		}
	}
	switch commit := built["vcs.revision"]; {
	case commit == "":
		return checkedOut()
	case built["vcs.modified"] == "true":
		return commit[:min(12, len(commit))] + dirty
	default:
		return commit[:min(12, len(commit))]
	}
}

// checkedOut asks git about the folder that this was compiled from: go run records
// nothing.
func checkedOut() string {
	_, file, _, _ := runtime.Caller(0)
	out, err := exec.Command("git", "-C", filepath.Dir(file), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty="+dirty).Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}
