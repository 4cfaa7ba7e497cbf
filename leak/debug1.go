package leak

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

var (
	debug1Head  = regexp.MustCompile(`^goroutine(?:leak)? profile: total (\d+)$`)
	debug1Count = regexp.MustCompile(`^(\d+) @( 0x[0-9a-f]+)*$`)
	debug1Frame = regexp.MustCompile(`^#\t(0x[0-9a-f]+)(?:\t+(.+)\+0x[0-9a-f]+\t+(.+):(\d+))?$`)
)

const labelsMark = "# labels: "

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

// parseLabels reads {"key":"value", "key":"value"}; spaces after the colons
// are welcome, for debug=2 writes them.
func parseLabels(text string) (map[string]string, bool) {
	text, ok := strings.CutPrefix(text, "{")
	labels := map[string]string{}
	var key, value string
	for ok && text != "}" {
		if key, text, ok = cutQuoted(text); !ok {
			break
		}
		if text, ok = strings.CutPrefix(text, ":"); !ok {
			break
		}
		if value, text, ok = cutQuoted(strings.TrimPrefix(text, " ")); !ok {
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

func cutQuoted(text string) (value, rest string, ok bool) {
	quoted, err := strconv.QuotedPrefix(text)
	if err != nil {
		return "", "", false
	}
	value, err = strconv.Unquote(quoted)
	return value, text[len(quoted):], err == nil
}
