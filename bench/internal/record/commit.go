package record

import "runtime/debug"

const (
	// ModulePath is the library's.
	ModulePath = "github.com/lfpool/lfpool"

	unknown = "unknown"
	dirty   = "+dirty"
)

// From is set by the linker where the go command does not know the commit: in the bench
// that the ablation builds from copies.
var From string

// SourceCommit names the commit that the go command has built this from, with "+dirty"
// if the tree differed from it, or says "unknown".
func SourceCommit() string {
	if From != "" {
		return From
	}
	revision, suffix := unknown, ""
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
	return revision + suffix
}
