// Package advice tells from profiles of a program whether a pool would pay, and
// for which go statements.
package advice

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/pprof/profile"
)

// A Cost is processor time that a pool may save, in seconds.
type Cost struct {
	Grow   float64 // stacks that grow: allocated larger and copied
	Start  float64 // goroutines made, and processors woken for them
	End    float64 // goroutines put away
	Switch float64 // what the scheduler does when one has ended
}

func (c *Cost) add(d Cost) {
	c.Grow += d.Grow
	c.Start += d.Start
	c.End += d.End
	c.Switch += d.Switch
}

// Most is the most that any pool could save.
func (c Cost) Most() float64 { return c.Grow + c.Start + c.End + c.Switch }

// A Row is what goroutines that started with one function cost.
type Row struct {
	Root  string // the function they start with
	File  string
	Line  int    // where Root begins, or, of a wrapper that the compiler made, the go statement
	At    string // FILE:LINE of the go statement, if it is known
	Total float64
	Cost
}

// Advice is what a profile says.
type Advice struct {
	Total float64 // processor seconds of all samples
	// Program is what the goroutines cost that go statements started; Main what
	// those of the main goroutine, and of threads without one, did.
	Program Cost
	Main    Cost
	Rows    []Row // by what could be saved, the most first
	Starts  []Start
	Pools   bool // lfpool was in the program
}

// A Start is a go statement that was seen starting goroutines.
type Start struct {
	In   string // the function
	File string
	Line int
	CPU  float64
}

// ErrNoSamples is for a profile of a program that has used no processor time.
var ErrNoSamples = errors.New("the CPU profile has no samples")

// FromProfile reads a CPU profile.
func FromProfile(data []byte) (*Advice, error) {
	p, err := profile.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("not a profile: " + err.Error())
	}
	value := slices.IndexFunc(p.SampleType, func(t *profile.ValueType) bool { return t.Type == "cpu" && t.Unit == "nanoseconds" })
	if value < 0 {
		var types []string
		for _, t := range p.SampleType {
			types = append(types, t.Type)
		}
		return nil, fmt.Errorf("not a CPU profile: it has %s", strings.Join(types, ", "))
	}
	if len(p.Sample) == 0 {
		return nil, ErrNoSamples
	}
	a := &Advice{}
	c := classifier{rows: map[string]*Row{}, starts: map[string]*Start{}, within: map[string]map[string]float64{}}
	var cut []*profile.Sample
	for _, s := range p.Sample {
		if calls := frames(s); len(calls) < cutOff {
			c.sample(a, calls, float64(s.Value[value])/1e9)
		} else {
			cut = append(cut, s)
		}
	}
	for _, s := range cut {
		c.cutSample(a, frames(s), float64(s.Value[value])/1e9)
	}
	c.finish(a)
	return a, nil
}

// cutOff is the least number of frames at which a runtime cuts a stack off: 64
// before Go 1.23, 128 since. A longer stack may still be whole.
const cutOff = 64

// A call is a frame of a sample.
type call struct {
	name  string
	file  string
	line  int
	start int // the line on which the function begins
}

// frames returns the calls of a sample, the innermost first.
func frames(s *profile.Sample) (calls []call) {
	for _, l := range s.Location {
		for _, line := range l.Line {
			if f := line.Function; f != nil {
				calls = append(calls, call{f.Name, f.Filename, int(line.Line), int(f.StartLine)})
			}
		}
	}
	return calls
}

type classifier struct {
	rows   map[string]*Row
	starts map[string]*Start
	within map[string]map[string]float64 // function to the roots of stacks that it is in
}

// sample adds what a sample with a whole stack shows.
func (c *classifier) sample(a *Advice, calls []call, seconds float64) {
	a.Total += seconds
	cost, starter := classify(calls, seconds)
	if starter != nil {
		key := fmt.Sprintf("%s:%d", starter.file, starter.line)
		s := c.starts[key]
		if s == nil {
			s = &Start{In: starter.name, File: starter.file, Line: starter.line}
			c.starts[key] = s
		}
		s.CPU += seconds
		// The goroutine that started the other one is not what a pool saves.
		a.Program.add(cost)
		cost = Cost{}
	}
	root := rootOf(calls)
	if root == nil {
		a.Program.add(Cost{End: cost.End, Switch: cost.Switch})
		return
	}
	for _, f := range calls {
		if c.within[f.name] == nil {
			c.within[f.name] = map[string]float64{}
		}
		c.within[f.name][root.name] += seconds
	}
	c.add(a, *root, seconds, cost)
	if strings.HasPrefix(root.name, "github.com/lfpool/lfpool/pool.") {
		a.Pools = true
	}
}

func (c *classifier) add(a *Advice, root call, seconds float64, cost Cost) {
	if root.name == "runtime.main" {
		a.Main.add(cost)
		return
	}
	a.Program.add(cost)
	row := c.rows[root.name]
	if row == nil {
		row = &Row{Root: root.name, File: root.file, Line: root.start}
		if wrapper.MatchString(root.name) {
			row.Line = root.line
			row.At = fmt.Sprintf("%s:%d", root.file, root.line)
		}
		c.rows[root.name] = row
	}
	row.Total += seconds
	row.add(cost)
}

// cutSample adds what a sample shows whose outermost frames may be missing: its
// roots are then those of the whole stacks that its outermost function is in, in
// proportion.
func (c *classifier) cutSample(a *Advice, calls []call, seconds float64) {
	if root := rootOf(calls); root != nil && (root.name == "runtime.main" || c.rows[root.name] != nil) {
		c.sample(a, calls, seconds)
		return
	}
	for i := len(calls) - 1; i >= 0; i-- {
		roots := c.within[calls[i].name]
		sum := 0.0
		for _, part := range roots {
			sum += part
		}
		if sum == 0 {
			continue
		}
		a.Total += seconds
		cost, _ := classify(calls, seconds)
		for name, part := range roots {
			share := part / sum
			root := call{name: name}
			c.add(a, root, seconds*share, Cost{cost.Grow * share, cost.Start * share, cost.End * share, cost.Switch * share})
		}
		return
	}
	c.sample(a, calls, seconds)
}

// wrapper is the name of a function that the compiler makes for a go statement
// with operands.
var wrapper = regexp.MustCompile(`\.gowrap\d+$`)

// classify says what a sample costs, and which call of the program started a
// goroutine, if it did.
func classify(calls []call, seconds float64) (cost Cost, starter *call) {
	for i, f := range calls {
		switch f.name {
		case "runtime.newstack":
			// It is also where a goroutine is preempted.
			for _, inner := range calls[:i] {
				switch inner.name {
				case "runtime.gopreempt_m", "runtime.preemptPark", "runtime.gogo":
					return Cost{}, nil
				}
			}
			return Cost{Grow: seconds}, nil
		case "runtime.newproc":
			if i+1 < len(calls) {
				starter = &calls[i+1]
			}
			return Cost{Start: seconds}, starter
		case "runtime.goexit0", "runtime.goexit1":
			for _, inner := range calls[:i] {
				if inner.name == "runtime.schedule" {
					if waits(calls[:i]) {
						return Cost{}, nil
					}
					return Cost{Switch: seconds}, nil
				}
			}
			return Cost{End: seconds}, nil
		}
	}
	return Cost{}, nil
}

// waits reports whether the scheduler has nothing to run: it looks, or sleeps.
func waits(calls []call) bool {
	for _, f := range calls {
		switch f.name {
		case "runtime.stopm", "runtime.stealWork", "runtime.netpoll", "runtime.futex", "runtime.notesleep", "runtime.checkTimers":
			return true
		}
	}
	return false
}

// rootOf returns the function that the goroutine of a sample started with, or
// nil if the sample is of no goroutine.
func rootOf(calls []call) *call {
	for i := len(calls) - 1; i >= 0; i-- {
		switch name := calls[i].name; {
		case name == "runtime.goexit":
		case name == "runtime.main":
			return &calls[i]
		case strings.HasPrefix(name, "runtime."), !strings.Contains(name, "."):
			return nil // the scheduler, the runtime's own goroutines, or assembly of it
		default:
			return &calls[i]
		}
	}
	return nil
}

// finish orders the rows and finds the go statements of those that have not
// named theirs.
func (c *classifier) finish(a *Advice) {
	for _, s := range c.starts {
		a.Starts = append(a.Starts, *s)
	}
	slices.SortFunc(a.Starts, func(x, y Start) int {
		return cmp.Or(cmp.Compare(y.CPU, x.CPU), strings.Compare(x.File, y.File), cmp.Compare(x.Line, y.Line))
	})
	for _, row := range c.rows {
		for _, s := range a.Starts {
			// A literal begins on the line of the statement that starts it.
			if row.At == "" && s.File == row.File && s.Line == row.Line {
				row.At = s.At()
			}
			if row.At == s.At() {
				row.Start += s.CPU
			}
		}
		a.Rows = append(a.Rows, *row)
	}
	slices.SortFunc(a.Rows, func(x, y Row) int {
		return cmp.Or(cmp.Compare(y.Most(), x.Most()), cmp.Compare(y.Total, x.Total), strings.Compare(x.Root, y.Root))
	})
}

// At is the place of the statement, as FILE:LINE.
func (s Start) At() string { return fmt.Sprintf("%s:%d", s.File, s.Line) }
