package record

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
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
	revision, suffix := "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				suffix = dirty
			}
		}
	}
	if revision == "" {
		return cmp.Or(checkedOutCommit(), unknown) // go run records nothing
	}
	return revision + suffix
}

// checkedOutCommit asks git, since "go run" records nothing. It does so only
// in a directory of this module, or the answer would be about another project.
func checkedOutCommit() string {
	if !inModule(".") && !inModule("..") {
		return ""
	}
	out, err := exec.Command("git", "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty="+dirty).Output()
	if err != nil {
		return ""
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
