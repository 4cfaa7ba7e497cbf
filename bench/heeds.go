package main

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"slices"

	"github.com/lfpool/lfpool/bench/internal/contest"
)

// modeTasks is the measurement that is made when no flag asks for another.
const modeTasks = ""

// heeds lists, for each measurement, which of the flags it heeds that some do
// not. -run, -o and -list go with all.
var heeds = map[string][]string{
	modeTasks:    slices.Concat(partFlags, []string{"quick", "count", "procs", "gc-every", "all"}),
	modeLatency:  slices.Concat(partFlags, []string{"quick", "count", "procs", "gc-every", "all"}),
	modeLateness: slices.Concat(partFlags, []string{"quick", "count", "procs", "gc-every", "all"}),
	modeFlood:    slices.Concat(partFlags, []string{"quick", "count", "procs", "all"}),
	modeSweep:    slices.Concat(partFlags, []string{"quick", "count", "procs", "gc-every", "all"}),
	modeHeadline: slices.Concat(partFlags, []string{"quick", "count", "procs", "gc-every", "all"}),
	modePaper:    {"quick", "count", "procs", "gc-every", "pairs"},
	modeMemory:   {"quick", "count", "procs"},
	modeServers:  {"quick", "count", "procs"},
	modeReplace:  {"quick", "count", "procs"},
	modeDay:      {"procs", "retention"},
	modeFull:     {"quick", "count", "procs"},
	modeTransfer: {"quick", "cores"},
	modeMachine:  {"quick", "cores", "all"},
}

// partFlags exchange parts of lfpool.
var partFlags = func() []string {
	names := []string{"padding"}
	for _, choice := range contest.Choices {
		names = append(names, choice.Part)
	}
	return names
}()

// oneProcs lists the measurements whose tables have no place for several values
// of GOMAXPROCS.
var oneProcs = []string{modeSweep, modeMemory, modeReplace, modeDay}

// unheeded names a flag that was given and would change nothing. given has the
// flags' values by name.
func unheeded(s settings, given map[string]string) error {
	of, heeded := "-"+s.mode, heeds[s.mode]
	if s.mode == modeTasks {
		of = "this measurement"
	}
	alone := false // what measures nothing heeds nothing else
	for _, name := range []string{"show", "refresh"} {
		if _, ok := given[name]; ok {
			of, heeded, alone = "-"+name, []string{name}, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		modes := heeding(name)
		if slices.Contains(heeded, name) || len(modes) == 0 && !alone {
			continue
		}
		err := fmt.Sprintf("-%s %s", name, given[name])
		if given[name] == "true" {
			err = "-" + name // a switch
		}
		err += " changes nothing of " + of
		if len(modes) == 1 {
			err += "; it is for -" + modes[0]
		}
		return errors.New(err)
	}
	switch {
	case len(s.procs) == 1:
	case slices.Contains(oneProcs, s.mode):
		return fmt.Errorf("-procs %s: %s takes one value at a time", given["procs"], of)
	case s.mode == modeTasks && given["retention"] != "":
		return fmt.Errorf("-procs %s: the day of -retention takes one value at a time", given["procs"])
	}
	return nil
}

// heeding lists the measurements that heed a flag; none if all do.
func heeding(name string) (modes []string) {
	for mode, names := range heeds {
		if slices.Contains(names, name) {
			modes = append(modes, mode)
		}
	}
	return modes
}

// note has the flags tell which of them are given, and with which value as it is
// typed.
func note(fs *flag.FlagSet) (given map[string]string) {
	given = map[string]string{}
	fs.VisitAll(func(f *flag.Flag) {
		f.Value = noted{f.Value, func(v string) { given[f.Name] = v }}
	})
	return given
}

// A noted flag tells what it is set to.
type noted struct {
	flag.Value
	tell func(string)
}

func (n noted) Set(v string) error {
	n.tell(v)
	return n.Value.Set(v)
}

// String is that of the flag. Package flag asks a zero one, too.
func (n noted) String() string {
	if n.Value == nil {
		return ""
	}
	return n.Value.String()
}

// IsBoolFlag is for package flag: a switch needs no value.
func (n noted) IsBoolFlag() bool {
	b, ok := n.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}
