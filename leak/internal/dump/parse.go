package dump

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxInput is the largest input in bytes that is read, compressed or not: four
// times the 64 MiB at which the runtime cuts debug=2 text, which is the
// longest form.
const maxInput = 256 << 20

// InputError says that the input is not a whole goroutine profile.
type InputError struct {
	Line   int // counted from 1; 0 if the input has no lines
	Reason string
}

func (e *InputError) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

const wanted = "want a goroutine profile: /debug/pprof/goroutine?debug=2 (or debug=1, or no debug), or what pprof.Lookup(\"goroutine\").WriteTo has written"

// foreign tells by its beginning what an input is that is no goroutine
// profile.
var foreign = []struct{ prefix, what string }{
	{"<", "HTML or XML, perhaps the index page /debug/pprof/"},
	{"{", "JSON"},
	{"[", "JSON"},
	{"heap profile:", "a heap profile"},
	{"threadcreate profile:", "a profile of thread creation"},
	{"--- ", "a contention profile"},
	{"go 1.", "an execution trace"},
	{"Unknown profile", "the answer of net/http/pprof to a name that it does not know"},
}

// crashes are how the output of a program begins that ends. dumpMark is in the
// log of a containerd or dockerd that is told to show its goroutines.
var crashes = []string{"panic: ", "fatal error: ", "runtime: ", "SIG", "unexpected fault address "}

const dumpMark = "=== BEGIN goroutine stack dump ==="

// Parse reads a goroutine profile and finds out which format it has. What a
// program has written when it crashed, or on SIGQUIT, is a debug=2 text. Input
// that is cut short, or is something else, gives an [*InputError]: debug=1
// says at its head how many goroutines follow, and debug=2 must not end within
// a goroutine. (Cut exactly between two goroutines, debug=2 looks whole: see
// Profile.Whole.)
func Parse(r io.Reader) (*Profile, error) {
	data, err := readAll(r)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		if data, err = unzip(data); err != nil {
			return nil, err
		}
	}
	l := &lines{rest: strings.TrimPrefix(string(data), "\ufeff")}
	begins := func(prefix string) bool { return strings.HasPrefix(l.line, prefix) }
	for l.next() && l.line == "" {
	}
	switch {
	case l.line == "":
		return nil, &InputError{1, "the input is empty; " + wanted}
	case begins("goroutine profile: "), begins("goroutineleak profile: "):
		return parseDebug1(l)
	case begins("goroutine "):
		return parseDebug2(l, false)
	case slices.ContainsFunc(crashes, begins), strings.Contains(l.line, dumpMark):
		for l.next() {
			if debug2Head.MatchString(l.line) {
				return parseDebug2(l, true)
			}
		}
		return nil, l.errorf("this is a crash's output without a line \"goroutine N [...]:\"; " + wanted)
	}
	for _, f := range foreign {
		if begins(f.prefix) {
			return nil, l.errorf("this is %s; "+wanted, f.what)
		}
	}
	if isBinary(data) {
		return parseProtobuf(data)
	}
	return nil, l.errorf("%s; "+wanted, l.quoted())
}

// isBinary reports whether data has what no text has.
func isBinary(data []byte) bool {
	return !utf8.Valid(data) || bytes.ContainsFunc(data, func(r rune) bool {
		return unicode.IsControl(r) && !unicode.IsSpace(r)
	})
}

func readAll(r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(data) > maxInput {
		err = &InputError{0, fmt.Sprintf("the input is longer than %d MiB", maxInput>>20)}
	}
	return data, err
}

func unzip(data []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err == nil {
		data, err = readAll(z)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return nil, &InputError{0, "the compressed input ends too early: truncated"}
	} else if err != nil {
		return nil, &InputError{0, "the compressed input is damaged: " + err.Error()}
	}
	return data, nil
}

// lines goes through a text. A parser finds its first line read.
type lines struct {
	rest string
	line string // the current one, without its end
	n    int    // its number
}

func (l *lines) next() bool {
	if l.rest == "" {
		return false
	}
	l.line, l.rest, _ = strings.Cut(l.rest, "\n")
	l.line = strings.TrimSuffix(l.line, "\r")
	l.n++
	return true
}

// ended reports whether only white space is left.
func (l *lines) ended() bool { return strings.TrimSpace(l.rest) == "" }

func (l *lines) errorf(format string, args ...any) error {
	return &InputError{l.n, fmt.Sprintf(format, args...)}
}

// unexpected is the error for a line that does not belong where it stands. The
// last line is likely to have been cut.
func (l *lines) unexpected(want string) error {
	if l.ended() {
		return l.errorf("the input ends with %s, where %s should stand: truncated", l.quoted(), want)
	}
	return l.errorf("%s, where %s should stand", l.quoted(), want)
}

func (l *lines) quoted() string {
	const most = 60 // bytes, so that an error stays readable
	if len(l.line) > most {
		return fmt.Sprintf("%q...", l.line[:most])
	}
	return fmt.Sprintf("%q", l.line)
}
