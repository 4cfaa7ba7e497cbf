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

// SourceCommit names the commit that this was built from, with "+dirty" if the tree
// differed from it, or says "unknown". Where the go command has recorded none, as go run
// does not, git is asked about the folder that this was compiled from.
func SourceCommit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if _, commit, ok := strings.Cut(info.Main.Version, "-"); ok { // v0.0.0-TIME-COMMIT
			return commit[strings.LastIndex(commit, "-")+1:]
		}
	}
	_, file, _, _ := runtime.Caller(0)
	out, err := exec.Command("git", "-C", filepath.Dir(file), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty="+dirty).Output()
	if err != nil {
		return unknown
	}
	return strings.TrimSpace(string(out))
}
