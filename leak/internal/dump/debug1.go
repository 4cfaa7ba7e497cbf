package dump

import (
	"regexp"
	"strconv"
	"strings"
)

// The text of debug=1, as printCountProfile in runtime/pprof writes it:
//
//	goroutine profile: total 3
//	2 @ 0x47d6ae 0x4126a5
//	# labels: {"path":"/x"}
//	#	0x4c1f44	main.worker+0x24	/src/main.go:12
//
//	1 @ ...
//
// What people paste has spaces for the tabs.

var (
	debug1Head  = regexp.MustCompile(`^goroutine(?:leak)? profile: total (\d+)$`)
	debug1Count = regexp.MustCompile(`^(\d+) @( 0x[0-9a-f]+)*$`)
	debug1Frame = regexp.MustCompile(`^#\s+(0x[0-9a-f]+)(?:\s+(.+)\+0x[0-9a-f]+\s+(.+):(\d+))?$`)
)

const (
	labelsMark = "# labels: "
	leakKind   = "goroutineleak" // the profile of those that nothing can wake
)

func parseDebug1(l *lines) (*Profile, error) {
	head := l.n
	m := debug1Head.FindStringSubmatch(l.line)
	if m == nil {
		return nil, l.unexpected(`"goroutine profile: total N"`)
	}
	total, err := strconv.Atoi(m[1])
	if err != nil {
		return nil, l.errorf("the total %s is too large", m[1])
	}
	var c collector
	c.leaks = strings.HasPrefix(l.line, leakKind)
	for l.next() {
		if l.line == "" {
			continue
		}
		m := debug1Count.FindStringSubmatch(l.line)
		if m == nil {
			return nil, l.unexpected(`"N @ 0x..." or an empty line`)
		}
		s := sample{}
		if s.count, err = strconv.Atoi(m[1]); err != nil || s.count > total-c.total {
			return nil, l.errorf("%s goroutines here are more than the total of %d leaves", m[1], total)
		}
		if err := parseRecord(l, &s); err != nil {
			return nil, err
		}
		c.add(s)
	}
	if c.total != total {
		return nil, l.errorf("the input ends after %d of the %d goroutines that line %d tells of: truncated", c.total, total, head)
	}
	return c.profile(Debug1), nil
}

// parseRecord reads what follows the line with the count, up to an empty line.
// There may be no frame: runtime.goexit, all that a goroutine has that has not
// run yet, is not shown.
func parseRecord(l *lines, s *sample) error {
	for l.next() && l.line != "" {
		if quoted, ok := strings.CutPrefix(l.line, labelsMark); ok && s.labels == nil && s.stack == nil {
			if s.labels, ok = parseLabels(quoted); !ok {
				return l.unexpected(`labels {"key":"value", ...}`)
			}
			continue
		}
		m := debug1Frame.FindStringSubmatch(l.line)
		if m == nil {
			return l.unexpected(`"#", an address, a function and file:line`)
		}
		f := Frame{Func: m[2], File: m[3]}
		if f.Func == "" {
			f.Func = m[1] // no symbol
		} else {
			var err error
			if f.Line, err = strconv.Atoi(m[4]); err != nil {
				return l.errorf("the line number %s is too large", m[4])
			}
		}
		s.stack = append(s.stack, f)
	}
	return nil
}

// parseLabels reads {"key":"value", "key":"value"}. Spaces after the colons are
// welcome, for debug=2 writes them, and so are plain words without quotes, for
// it does so since Go 1.27.
func parseLabels(text string) (map[string]string, bool) {
	text, ok := strings.CutPrefix(text, "{")
	labels := map[string]string{}
	var key, value string
	for ok && text != "}" {
		if key, text, ok = cutWord(text); !ok {
			break
		}
		if text, ok = strings.CutPrefix(text, ":"); !ok {
			break
		}
		if value, text, ok = cutWord(strings.TrimPrefix(text, " ")); !ok {
			break
		}
		labels[key] = value
		if rest, more := strings.CutPrefix(text, ", "); more {
			text = rest
		} else {
			ok = text == "}"
		}
	}
	return labels, ok
}

// cutWord cuts what is quoted, or else letters, digits, dots, slashes and
// underscores, of which there may be none.
func cutWord(text string) (value, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		quoted, err := strconv.QuotedPrefix(text)
		if err != nil {
			return "", "", false
		}
		value, err = strconv.Unquote(quoted)
		return value, text[len(quoted):], err == nil
	}
	rest = strings.TrimLeft(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789./_")
	return text[:len(text)-len(rest)], rest, true
}
