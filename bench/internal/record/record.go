// Package record has what a run has found: values by contestant and workload,
// and the machine that they hold for. It is the one source of every output, and
// is kept as text in the Go benchmark format.
package record

import (
	"math"
	"slices"
	"strconv"
	"time"
)

// Kinds of measurement. Each has its units.
const (
	Tasks    = "Tasks"    // time of a task: NsOp, CPUOp, BytesOp, AllocsOp
	Starts   = "Starts"   // time until a task starts: P50, P99, P999, Cores, CPUOp
	Lateness = "Lateness" // of a goroutine that sleeps beside a busy pool: P50, P99, CPUOp, and see package measure
	Memory   = "Memory"   // footprints: see package measure
	Pairs    = "Pairs"    // queue operations: NetPair

	Transfers = "Transfers" // cache lines that move: Moves, and by word WriteSuffix and ReadSuffix
	Simulated = "Simulated" // SimulatedRate and SimulatedNs, or SimulatedPair; the name is model-workload
	Gates     = "Gates"     // what a simulated machine is held to, all of them under the name AllGates: Passes, KnownPrefix and SimulatedPrefix with a number
	AllGates  = "gates"
)

// Units, in benchstat's spelling where it has one.
const (
	NsOp     = "ns/op"
	CPUOp    = "cpu-ns/op" // processor time, user and system, of the whole process
	BytesOp  = "B/op"
	AllocsOp = "allocs/op"
	P50      = "p50-ns"
	P99      = "p99-ns"
	P999     = "p99.9-ns"
	Cores    = "cores"
	NetPair  = "ns/pair"

	Moves           = "lines/op"
	WriteSuffix     = "-write-lines/op" // after the word: for an operation that writes
	ReadSuffix      = "-read-lines/op"
	SimulatedRate   = "simulated-M/s"
	SimulatedNs     = "simulated-ns/op"
	SimulatedPair   = "simulated-ns/pair"
	Passes          = "passes" // 1 or 0
	KnownPrefix     = "known-"
	SimulatedPrefix = "simulated-"
)

// A Key says what was measured.
type Key struct {
	Kind       string
	Name       string // of the workload
	X          float64
	Procs      int
	Contestant string
}

// Of is the same measurement of another contestant.
func (k Key) Of(contestant string) Key {
	k.Contestant = contestant
	return k
}

// A Cell is what was measured: for each unit a value a round. All contestants of
// a row are in round i, as far as it came, so values with the same index belong
// together.
type Cell struct {
	Key
	Ops    int // operations of the latest sample
	Values map[string][]float64
}

// A Record is one run.
type Record struct {
	Host        Host     `json:"host"`
	Args        []string `json:"args"`
	Full        bool     `json:"full"` // of all there is, to its end, of a commit
	Interrupted bool     `json:"interrupted,omitempty"`
	Failed      []string `json:"failed,omitempty"` // what could not be measured
	Waited      string   `json:"waited,omitempty"` // how long, and for what, before the first sample
	Seconds     float64  `json:"seconds"`
	Noise       Noise    `json:"noise"`

	Docs  map[string]string `json:"-"` // of workloads and contestants, by name
	Order []string          `json:"-"` // of contestants in tables; others follow
	Cells []*Cell           `json:"-"`

	index map[Key]*Cell
}

// New returns an empty record of this machine.
func New(args []string) *Record { return &Record{Host: ThisHost(), Args: args} }

// Add takes the values of a sample of n operations: of the contestant's next
// round. Five digits are kept.
func (r *Record) Add(k Key, n int, values map[string]float64) {
	c := r.Cell(k)
	if c == nil {
		c = &Cell{Key: k, Values: map[string][]float64{}}
		r.Cells = append(r.Cells, c)
		r.index[k] = c
	}
	c.Ops = n
	for unit, v := range values {
		c.Values[unit] = append(c.Values[unit], fiveDigits(v))
	}
}

func fiveDigits(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 5, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// Cell returns the cell with the key, or nil.
func (r *Record) Cell(k Key) *Cell {
	if r.index == nil {
		r.index = map[Key]*Cell{}
		for _, c := range r.Cells {
			r.index[c.Key] = c
		}
	}
	return r.index[k]
}

// values are those of a cell in one unit, none if it was not measured.
func (r *Record) values(k Key, unit string) []float64 {
	if c := r.Cell(k); c != nil {
		return c.Values[unit]
	}
	return nil
}

// Groups lists the keys of a kind without their contestants, in their order.
func (r *Record) Groups(kind string) []Key {
	var groups []Key
	for _, c := range r.Cells {
		if g := c.Of(""); c.Kind == kind && !slices.Contains(groups, g) {
			groups = append(groups, g)
		}
	}
	return groups
}

// Contestants lists who was measured in any of the groups, in the order of tables.
func (r *Record) Contestants(groups ...Key) []string {
	var names []string
	for _, c := range r.Cells {
		if slices.Contains(groups, c.Of("")) && !slices.Contains(names, c.Contestant) {
			names = append(names, c.Contestant)
		}
	}
	place := func(name string) int {
		if i := slices.Index(r.Order, name); i >= 0 {
			return i
		}
		return len(r.Order)
	}
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
	return names
}

// Median is that of one unit; ok is false if there are no values.
func (r *Record) Median(k Key, unit string) (m Summary, ok bool) { return median(r.values(k, unit)) }

// Ratio is the median of a's value over b's, taken round by round: what slowed
// both in a round leaves their ratio as it was. ok is false if they have no
// round in common.
func (r *Record) Ratio(a, b Key, unit string) (m Summary, ok bool) {
	return r.pairs(a, b, unit, func(a, b float64) float64 { return a / b })
}

// Difference is the median of a's value less b's, taken round by round: for
// values that may be 0. ok is false if they have no round in common.
func (r *Record) Difference(a, b Key, unit string) (m Summary, ok bool) {
	return r.pairs(a, b, unit, func(a, b float64) float64 { return a - b })
}

// pairs is the median of what f makes of the two values of a round, where that is a
// number.
func (r *Record) pairs(a, b Key, unit string, f func(a, b float64) float64) (m Summary, ok bool) {
	var found []float64
	theirs := r.values(b, unit)
	for i, v := range r.values(a, unit) {
		if i < len(theirs) {
			if v = f(v, theirs[i]); !math.IsInf(v, 0) && !math.IsNaN(v) {
				found = append(found, v)
			}
		}
	}
	return median(found)
}

// Compare returns the Mann-Whitney probability that a and b are alike. tells is false
// if there are too few samples for any difference to show.
func (r *Record) Compare(a, b Key, unit string) (p float64, tells bool) {
	return compare(r.values(a, unit), r.values(b, unit))
}

// End closes the record: how long it took, and whether the machine was noisy.
func (r *Record) End(interrupted bool) {
	r.Interrupted = interrupted
	r.Seconds = fiveDigits(time.Since(r.Host.Started).Seconds())
	r.Noise = r.noise()
}

// Whole reports whether the record is of a commit, with nothing on top, and
// whether all that was begun was measured to its end.
func (r *Record) Whole() bool {
	return r.Host.atCommit() && !r.Interrupted && len(r.Failed) == 0
}
