// Lfleak reads goroutine profiles and says what is growing and why.
//
//	lfleak [flags] profile [later...]
//
// A profile is a file, - for standard input, or a URL on this machine, of which
// http://localhost:6060 is enough. With one profile lfleak tells which sets of
// goroutines are large, with more which have grown from the first to the last,
// and in any case which are leaked, if a goroutineleak profile says so.
//
// The exit status is 0 if there is nothing to tell, 1 if there is, and 2 if a
// profile cannot be read or the command line is wrong.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

const (
	exitNothing = iota
	exitFound
	exitFailed
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("lfleak", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, `Usage: lfleak [flags] profile [later...]

Says which goroutines grow from one profile to the next, or, of a single
profile, which are many, and why. What a goroutineleak profile (Go 1.27) has is
told in any case.

A profile is a file, - for standard input, or a URL on this machine:
  lfleak http://localhost:6060
  curl -o 1.txt 'http://server:6060/debug/pprof/goroutine?debug=2'; lfleak 1.txt

Exit status: 0 nothing to tell, 1 something grows or is large, 2 a profile
cannot be read, or wrong usage.

`)
		flags.PrintDefaults()
	}
	var o dump.Options
	asJSON := flags.Bool("json", false, "write JSON")
	flags.IntVar(&o.Min, "min", dump.DefaultMin, "with one profile: tell sets of at least `n` goroutines")
	flags.IntVar(&o.Gain, "gain", dump.DefaultGain, "with more: tell sets that have gained at least `n`")
	if err := flags.Parse(args); err == flag.ErrHelp {
		return exitNothing
	} else if err != nil {
		return exitFailed
	}
	fail := func(format string, args ...any) int {
		fmt.Fprintf(stderr, "lfleak: "+format+"\n", args...)
		return exitFailed
	}
	switch {
	case flags.NArg() == 0:
		flags.Usage()
		return exitFailed
	case o.Min < 1 || o.Gain < 1:
		return fail("-min and -gain want at least 1")
	}
	var profiles []*dump.Profile
	for _, source := range flags.Args() {
		p, err := read(source, stdin)
		if err != nil {
			return fail("%v", err)
		}
		profiles = append(profiles, p)
	}
	report := dump.Explain(o, profiles...)
	write := report.WriteText
	if *asJSON {
		write = func(w io.Writer) error {
			e := json.NewEncoder(w)
			e.SetIndent("", "  ")
			return e.Encode(report)
		}
	}
	if err := write(stdout); err != nil {
		return fail("%v", err)
	}
	if len(report.Findings) > 0 {
		return exitFound
	}
	return exitNothing
}
