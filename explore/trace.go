package explore

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

const packageName = "github.com/lfpool/lfpool/explore"

// point is a place in the code under test, and what is done there.
type point struct {
	function string // Stack.Pop
	op       string // CompareAndSwap
	on       string // the type: Pointer
	file     string
	line     int
}

func (p point) name() string {
	if p.function == "" {
		return p.op
	}
	return p.function + "." + p.op
}

// point names the place without line numbers.
func (o *op) point() string { return pointOf(o).name() }

// pointOf finds the place in a stack: the first function that is not of a
// drop-in package, nor called by an atomic, as a function is that passes on some
// operations to Step. What it called is the operation.
func pointOf(o *op) (p point) {
	p.op = kindNames[o.kind]
	frames := runtime.CallersFrames(o.sites)
	next, left := frames.Next()
	for {
		f, more := next, left
		if next.Function = ""; more {
			next, left = frames.Next()
		}
		if !dropIn(f.Function) && (p.on != "" || !ofAtomic(next.Function)) {
			p.function = function(f.Function)
			p.file, p.line = f.File, f.Line
			return p
		}
		switch strings.TrimPrefix(f.Function, packageName+".") {
		case "(*Run).word", "(*Run).step", "Step", "Wait":
			continue // what reports an operation is none itself
		}
		if !dropIn(f.Function) {
			continue
		}
		method := strings.Split(function(f.Function), ".")
		p.op, p.on = method[len(method)-1], strings.Join(method[:len(method)-1], ".")
		if !more {
			return p
		}
	}
}

// ofAtomic reports whether a function is of a package named atomic.
func ofAtomic(name string) bool {
	pkg, _, _ := strings.Cut(path.Base(name), ".")
	return pkg == "atomic"
}

// dropIn reports whether a function is of a package whose operations are
// watched.
func dropIn(name string) bool {
	dir, base := path.Split(name)
	pkg, _, _ := strings.Cut(base, ".")
	return pkg == "atomic" || pkg == "sync" || dir+pkg == packageName
}

// function returns a function's name without its package, stars, brackets and
// type arguments.
func function(name string) string {
	if i := strings.Index(name, "["); i >= 0 {
		if j := strings.LastIndex(name, "]"); j > i {
			name = name[:i] + name[j+1:]
		}
	}
	_, name = path.Split(name)
	_, name, _ = strings.Cut(name, ".")
	return strings.NewReplacer("(*", "", ")", "").Replace(name)
}

// A trace that is longer than both together has its first and its last steps.
const (
	textSteps = 60
	textEnd   = 20
)

// text is the trace, a line for each step: the goroutine, the operation, what
// became of the word, and the source.
func (r *Run) text() string {
	if len(r.trace) > 0 {
		r.ended(len(r.trace) - 1)
	}
	names := values{}
	sources := sources{}
	var b strings.Builder
	who, what := 0, 0
	for _, th := range r.threads {
		who = max(who, len(th.name))
	}
	for i := range r.trace {
		what = max(what, len(r.trace[i].point()))
	}
	logs := r.logs
	for i := 0; ; i++ {
		for len(logs) > 0 && logs[0].after <= i {
			fmt.Fprintf(&b, "      %-*s  %s\n", who, logs[0].who, logs[0].text)
			logs = logs[1:]
		}
		if i == len(r.trace) {
			return b.String()
		}
		if i == textSteps && len(r.trace) > textSteps+textEnd {
			fmt.Fprintf(&b, "      ... %d more steps\n", len(r.trace)-textSteps-textEnd)
			i = len(r.trace) - textEnd
		}
		e := &r.trace[i]
		if was := r.preempted(i); was != nil {
			fmt.Fprintf(&b, "      %-*s  is stopped before %s\n", who, was.name, r.nextOf(was, i).point())
		}
		p := pointOf(&e.op)
		if e.kind == ticking {
			fmt.Fprintf(&b, "%4d  %-*s  passes by %v\n", i+1, who, e.thread.name, r.time.tick)
			continue
		}
		source := sources.line(p.file, p.line)
		if source != "" {
			source = "  " + source
		}
		fmt.Fprintf(&b, "%4d  %-*s  %-*s  %-10s  %s:%d%s\n", i+1, who, e.thread.name, what, p.name(), names.effect(e, p), filepath.Base(p.file), p.line, source)
	}
}

// values gives pointers names in the order in which they turn up.
type values map[uint64]string

// effect says what e has done to its word.
func (v values) effect(e *event, p point) string {
	if e.word < 0 || e.kind == object {
		return ""
	}
	after := v.name(e.after, e, p)
	switch {
	case e.kind == Load:
		return "= " + after
	case e.changed:
		return v.name(e.before, e, p) + " -> " + after
	case e.kind == CAS:
		return "fails at " + after
	}
	return "stays " + after
}

func (v values) name(value [2]uint64, e *event, p point) string {
	kind := p.on + p.op
	number := value[0]
	switch {
	case strings.Contains(kind, "Bool"):
		return fmt.Sprint(number != 0)
	case strings.Contains(kind, "Value"):
		number = value[1]
	case strings.Contains(kind, "Pointer"):
	case strings.Contains(kind, "Uint"):
		return fmt.Sprint(number)
	case e.size == 4:
		return fmt.Sprint(int32(number))
	default:
		return fmt.Sprint(int64(number))
	}
	if number == 0 {
		return "nil"
	}
	if v[number] == "" {
		n := len(v)
		name := string(rune('A' + n%26))
		if n >= 26 {
			name += fmt.Sprint(n / 26)
		}
		v[number] = name
	}
	return v[number]
}

// sources are files as lines.
type sources map[string][]string

func (s sources) line(file string, n int) string {
	lines, known := s[file]
	if !known {
		text, err := os.ReadFile(file)
		if err == nil {
			lines = strings.Split(string(text), "\n")
		}
		s[file] = lines
	}
	if n < 1 || n > len(lines) {
		return ""
	}
	return strings.TrimSpace(lines[n-1])
}
