package advice

import (
	"errors"
	"regexp"
	"strings"
)

var (
	dumpHead = regexp.MustCompile(`(?m)^goroutine \d+ .*\[.*\]:$`)
	created  = regexp.MustCompile(`^created by (\S+)(?: in goroutine \d+)?$`)
	place    = regexp.MustCompile(`^\t(.*:\d+)(?: \+0x[0-9a-f]+)?$`)
	called   = regexp.MustCompile(`^(.*)\([^()]*\)$`)
)

// AddDump takes the go statements from a dump of all goroutines with their
// stacks (/debug/pprof/goroutine?debug=2, or what a crash prints).
func (a *Advice) AddDump(text string) error {
	heads := dumpHead.FindAllStringIndex(text, -1)
	if len(heads) == 0 {
		return errors.New("not a goroutine dump: get one at /debug/pprof/goroutine?debug=2")
	}
	at := map[string]string{}
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		root := ""
		lines := strings.Split(text[h[1]:end], "\n")
		for j, line := range lines {
			if created.MatchString(line) && j+1 < len(lines) && root != "" {
				if p := place.FindStringSubmatch(lines[j+1]); p != nil {
					at[root] = p[1]
				}
				break
			}
			if f := called.FindStringSubmatch(line); f != nil && !strings.HasPrefix(f[1], "runtime.goexit") {
				root = f[1]
			}
		}
	}
	a.place(at)
	return nil
}

// place gives rows their go statements, by the function that is started.
func (a *Advice) place(at map[string]string) {
	for i := range a.Rows {
		where := at[a.Rows[i].Root]
		if a.Rows[i].At != "" || where == "" {
			continue
		}
		a.Rows[i].At = where
		for _, s := range a.Starts {
			if s.At() == where {
				a.Rows[i].Start += s.CPU
			}
		}
	}
}
