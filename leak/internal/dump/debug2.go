package dump

import (
	"regexp"
	"strconv"
	"strings"
)

// The text of debug=2, as runtime.Stack writes it:
//
//	goroutine 18 [chan receive, 5 minutes]:
//	main.worker(0xc000012345)
//		/src/main.go:12 +0x24
//	created by main.main in goroutine 1
//		/src/main.go:20 +0x85
//
//	goroutine 19 ...
//
// Labels follow the state where GODEBUG has tracebacklabels=1: in Go 1.26 as
// [chan receive labels:{"path": "/x"}], from 1.27 on, where they are shown by
// default, as [chan receive] {path: "/x y"}, with quotes only where needed.
//
// What people paste has spaces for the tab, and no empty line between two
// goroutines.

var (
	debug2Head    = regexp.MustCompile(`^goroutine (\d+) (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[(.*?)\](?: (\{.*\}))?:$`)
	debug2Place   = regexp.MustCompile(`^\s+(.+):(\d+)(?: \+0x[0-9a-f]+)?(?: fp=.*)?$`)
	debug2Creator = regexp.MustCompile(`^created by (.+?)(?: in goroutine (\d+))?$`)
	debug2Elided  = regexp.MustCompile(`^\.\.\.(?:\d+|additional) frames elided\.\.\.$`)
)

const (
	stackUnavailable = "\tgoroutine running on other thread; stack unavailable"
	ancestorMark     = "[originating from goroutine " // GODEBUG=tracebackancestors
)

// parseDebug2 reads goroutines. Between and after those of a crash there may be
// other lines: registers, "exit status 2", what other goroutines print.
func parseDebug2(l *lines, crash bool) (*Profile, error) {
	var c collector
	seen := map[int64]int{}
	for ok := true; ok; ok = l.next() {
		if strings.TrimSpace(l.line) == "" || crash && !strings.HasPrefix(l.line, "goroutine ") {
			continue
		}
		s := sample{count: 1}
		if err := parseHead(l, &s); err != nil {
			return nil, err
		}
		thread := s.id == 0 // a thread's own stack, which a crash shows
		if first := seen[s.id]; first != 0 && !thread {
			return nil, l.errorf("goroutine %d for a second time (line %d has the first): two profiles in one input, give them one by one", s.id, first)
		}
		seen[s.id] = l.n
		locked := strings.Contains(l.line, ", locked to thread")
		if err := parseStack(l, &s); err != nil {
			return nil, err
		}
		if thread {
			continue
		}
		if len(s.stack) == 0 {
			return nil, l.errorf("goroutine %d has no stack of its own", s.id)
		}
		// Nobody in the program has created the main goroutine, nor one that
		// stands for a thread of C code. A stack down to its root is whole.
		root := s.stack[len(s.stack)-1].Func
		if l.ended() && s.creator.Func == "" && s.id != 1 && !locked && root != "runtime.goexit" {
			return nil, l.errorf("the input ends within the stack of goroutine %d, before its \"created by\": truncated", s.id)
		}
		c.add(s)
	}
	return c.profile(Debug2), nil
}

// parseHead reads the line "goroutine 18 [chan receive, 5 minutes]:".
func parseHead(l *lines, s *sample) error {
	m := debug2Head.FindStringSubmatch(l.line)
	if m == nil {
		return l.unexpected(`"goroutine N [state]:"`)
	}
	var err error
	if s.id, err = strconv.ParseInt(m[1], 10, 64); err != nil {
		return l.errorf("the goroutine number %s is too large", m[1])
	}
	state, labels, labelled := strings.Cut(m[2], " labels:")
	if m[3] != "" {
		labels, labelled = m[3], true
	}
	if labelled {
		if s.labels, labelled = parseLabels(labels); !labelled {
			return l.unexpected(`labels {key: "value", ...}`)
		}
	}
	for i, part := range strings.Split(state, ", ") {
		if i == 0 {
			s.wait = part
			for _, mark := range []string{" (durable)", " (scan)", " (leaked)"} { // as they follow each other, the last first
				var marked bool
				s.wait, marked = strings.CutSuffix(s.wait, mark)
				s.leaked = s.leaked || marked && mark == " (leaked)"
			}
		} else if minutes, ok := strings.CutSuffix(part, " minutes"); ok {
			if s.minutes, err = strconv.Atoi(minutes); err != nil {
				return l.errorf("%q is no number of minutes", minutes)
			}
		}
	}
	return nil
}

// parseStack reads the lines under the head, up to an empty one or the next
// head.
func parseStack(l *lines, s *sample) error {
	more := func() bool {
		return !strings.HasPrefix(l.rest, "goroutine ") && l.next() && strings.TrimSpace(l.line) != ""
	}
	for more() {
		switch {
		case l.line == stackUnavailable:
			s.stack = append(s.stack, Frame{Func: "(stack unavailable)"})
		case debug2Elided.MatchString(l.line):
			s.stack = append(s.stack, Frame{Func: "..."})
		case strings.HasPrefix(l.line, ancestorMark):
			for more() {
			}
			return nil
		case strings.HasPrefix(l.line, "created by "):
			m := debug2Creator.FindStringSubmatch(l.line)
			if m == nil {
				return l.unexpected(`"created by", a function and "in goroutine N"`)
			}
			s.parent, _ = strconv.ParseInt(m[2], 10, 64) // older than Go 1.21: not told
			var err error
			if s.creator, err = parsePlace(l, m[1]); err != nil {
				return err
			}
		default:
			// The last parenthesis opens the arguments: a method's receiver has
			// one too, an argument has braces.
			open := strings.LastIndexByte(l.line, '(')
			if open <= 0 || !strings.HasSuffix(l.line, ")") || l.line[0] == '\t' || l.line[0] == ' ' {
				return l.unexpected("a function with its arguments")
			}
			f, err := parsePlace(l, l.line[:open])
			if err != nil {
				return err
			}
			s.stack = append(s.stack, f)
		}
	}
	if s.stack == nil {
		return l.unexpected("a stack")
	}
	return nil
}

// parsePlace reads the line under a function: tab, file:line.
func parsePlace(l *lines, function string) (Frame, error) {
	if !l.next() {
		return Frame{}, l.unexpected("a file and a line under it")
	}
	m := debug2Place.FindStringSubmatch(l.line)
	if m == nil {
		return Frame{}, l.unexpected("tab, file:line")
	}
	n, err := strconv.Atoi(m[2])
	if err != nil {
		return Frame{}, l.errorf("the line number %s is too large", m[2])
	}
	return Frame{Func: function, File: m[1], Line: n}, nil
}
