// Package worth chooses the go statements of a program for which a profile of it
// says that a pool pays.
package worth

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/advice"
	"github.com/lfpool/lfpool/cmd/lfgo/rewrite"
)

// Chosen is what a profile says.
type Chosen struct{ advice *advice.Advice }

// FromFile reads a CPU profile.
func FromFile(name string) (*Chosen, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	a, err := advice.FromProfile(data)
	if err != nil {
		return nil, err
	}
	return &Chosen{a}, nil
}

// Keep says why a statement shall stay as it is, or "" if a pool pays for it.
func (c *Chosen) Keep(s rewrite.Statement) string {
	seen := false
	for _, r := range c.advice.Rows {
		if !Starts(s, r) {
			continue
		}
		if c.advice.Worth(r) {
			return ""
		}
		seen = true
	}
	// Short goroutines may show in nothing but their starts.
	for _, start := range c.advice.Starts {
		if sameFile(start.File, s.Position.Filename) && start.Line == s.Position.Line {
			if c.advice.Worth(advice.Row{Cost: advice.Cost{Start: start.CPU}}) {
				return ""
			}
			seen = true
		}
	}
	if !seen {
		return "the profile does not show it"
	}
	return "by the profile it is not worth it"
}

// Starts reports whether the statement starts the goroutines of a row.
func Starts(s rewrite.Statement, r advice.Row) bool {
	if r.At != "" {
		file, line, _ := cutLast(r.At)
		return line == strconv.Itoa(s.Position.Line) && sameFile(file, s.Position.Filename)
	}
	if s.Root.IsValid() {
		return s.Root.Line == r.Line && sameFile(r.File, s.Root.Filename)
	}
	return s.Starts != "" && s.Starts == plain(r.Root)
}

func cutLast(at string) (file, line string, ok bool) {
	i := strings.LastIndexByte(at, ':')
	if i < 0 {
		return at, "", false
	}
	return at[:i], at[i+1:], true
}

// sameFile compares names of which one may begin elsewhere: a program may be
// built with -trimpath, or on another machine.
func sameFile(a, b string) bool {
	if a == b {
		return true
	}
	dirA, fileA := filepath.Split(filepath.ToSlash(a))
	dirB, fileB := filepath.Split(filepath.ToSlash(b))
	return fileA == fileB && filepath.Base(dirA) == filepath.Base(dirB)
}

// plain is a function's name without type arguments and escapes.
func plain(name string) string {
	for {
		begin := strings.IndexByte(name, '[')
		end := strings.LastIndexByte(name, ']')
		if begin < 0 || end < begin {
			return strings.ReplaceAll(name, "%2e", ".")
		}
		name = name[:begin] + name[end+1:]
	}
}
