// Package dump reads goroutine profiles and says what is growing and why; it is
// the inside of package leak and of lfleak.
//
// [Parse] reads a profile. [Compare] groups the goroutines of one or more
// profiles by role: which function they run, and which created them. [Sets] finds
// roles that come and go together. [Explain] does all of that and names the known
// patterns with their usual cure.
package dump

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Format is how a profile was written.
type Format string

const (
	Debug1   Format = "debug=1"
	Debug2   Format = "debug=2"
	Protobuf Format = "protobuf"
)

// Profile is the goroutines of a program at one instant.
type Profile struct {
	// Name says where the profile comes from. Parse leaves it empty.
	Name   string `json:"name"`
	Format Format `json:"format"`
	Total  int    `json:"total"`
	// Whole is set by Parse for debug=1 and the protobuf, which show if they are
	// cut. A debug=2 text does not if it is cut between two goroutines: who knows
	// where it comes from may set Whole.
	Whole bool `json:"whole"`
	// Leaks is set by Parse for the protobuf and debug=1 of a goroutineleak
	// profile, which has leaked goroutines only.
	Leaks bool `json:"leaks,omitempty"`
	// Groups has the goroutines by stack, the largest group first.
	Groups []Group `json:"groups"`
}

// Group is the goroutines that have one stack, one creator and one set of
// labels.
type Group struct {
	Stack Stack `json:"stack"`
	// Creator is the place of the go statement; zero if the format does not
	// tell (only debug=2 does).
	Creator Frame             `json:"creator,omitzero"`
	Labels  map[string]string `json:"labels,omitempty"`
	Count   int               `json:"count"`
	// Waits counts the goroutines by what they wait for, in the words of the
	// runtime: "chan receive", "IO wait". "" is: not told.
	Waits Tally `json:"waits"`
	Age   Age   `json:"age,omitzero"`
	// Leaked is how many are leaked, as a goroutineleak profile tells: nothing
	// that can run refers to what they wait for.
	Leaked int `json:"leaked,omitempty"`

	ids, parents set // goroutine ids, of these goroutines and of their creators
}

// Age is for how many minutes the goroutines of a group have waited, from the
// one that came last to the one that came first. It is a lower bound: the
// runtime starts its clock at the first garbage collection that finds the
// goroutine waiting. Only debug=2 tells; otherwise it is zero.
type Age struct {
	Min int `json:"min"`
	Max int `json:"max"`
}

// Tally counts by name.
type Tally map[string]int

// Names returns the names, the most frequent first.
func (t Tally) Names() []string {
	return slices.SortedFunc(maps.Keys(t), func(a, b string) int {
		return cmp.Or(cmp.Compare(t[b], t[a]), cmp.Compare(a, b))
	})
}

func (t Tally) add(other Tally) {
	for name, n := range other {
		t[name] += n
	}
}

type set map[int64]struct{}

// sample is a number of goroutines that are alike, as a format tells of them.
type sample struct {
	count      int
	stack      Stack // as written: with the runtime's frames
	creator    Frame
	labels     map[string]string
	wait       string
	minutes    int
	leaked     bool
	id, parent int64 // 0: not told
}

// collector makes groups of samples.
type collector struct {
	total  int
	leaks  bool // all samples are leaked goroutines
	groups map[string]*Group
}

func (c *collector) add(s sample) {
	for i := range s.stack {
		s.stack[i].Func = plain(s.stack[i].Func)
	}
	s.creator.Func = plain(s.creator.Func)
	if s.wait == "" || s.wait == "semacquire" {
		s.wait = cmp.Or(waitOf(s.stack), s.wait)
	}
	if s.system() {
		return
	}
	s.stack = s.stack.trim()
	key := s.key()
	g := c.groups[key]
	if g == nil {
		g = &Group{
			Stack: s.stack, Creator: s.creator, Labels: s.labels, Waits: Tally{},
			Age: Age{Min: s.minutes}, ids: set{}, parents: set{},
		}
		if c.groups == nil {
			c.groups = map[string]*Group{}
		}
		c.groups[key] = g
	}
	c.total += s.count
	g.Count += s.count
	g.Waits[s.wait] += s.count
	if s.leaked || c.leaks {
		g.Leaked += s.count
	}
	g.Age = g.Age.or(Age{s.minutes, s.minutes})
	if s.id != 0 {
		g.ids[s.id] = struct{}{}
	}
	if s.parent != 0 {
		g.parents[s.parent] = struct{}{}
	}
}

func (c *collector) profile(f Format) *Profile {
	p := &Profile{Format: f, Total: c.total, Whole: f != Debug2, Leaks: c.leaks}
	// By key among equals, so that the order is always the same.
	keys := slices.SortedFunc(maps.Keys(c.groups), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.groups[b].Count, c.groups[a].Count), cmp.Compare(a, b))
	})
	for _, key := range keys {
		p.Groups = append(p.Groups, *c.groups[key])
	}
	return p
}

func (a Age) or(b Age) Age { return Age{min(a.Min, b.Min), max(a.Max, b.Max)} }

// key is the same for samples of one group.
func (s *sample) key() string {
	var b strings.Builder
	for _, f := range append(s.stack[:len(s.stack):len(s.stack)], s.creator) {
		b.WriteString(f.Func)
		b.WriteByte(0)
		b.WriteString(f.File)
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(f.Line))
		b.WriteByte(0)
	}
	for _, label := range slices.Sorted(maps.Keys(s.labels)) {
		b.WriteString(label)
		b.WriteByte(0)
		b.WriteString(s.labels[label])
		b.WriteByte(0)
	}
	return b.String()
}

// system reports whether the goroutine is the runtime's own, such as a worker of
// the garbage collector. Only what a crash shows with GOTRACEBACK=system has
// these.
func (s *sample) system() bool {
	return strings.HasPrefix(s.creator.Func, "runtime.") && !slices.ContainsFunc(s.stack, func(f Frame) bool { return !inRuntime(f.Func) })
}
