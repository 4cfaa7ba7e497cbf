// Package record has what a run has found: values by contestant and workload,
// and the machine that they hold for. It is the one source of every output.
package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/lfpool/lfpool/bench/internal/stat"
)

// Kinds of measurement. Each has its units.
const (
	Tasks    = "tasks"    // time of a task: NsOp, CPUOp, BytesOp, AllocsOp
	Starts   = "starts"   // time until a task starts: P50, P99, P999, Cores, CPUOp
	Lateness = "lateness" // of a goroutine that sleeps beside a busy pool: P50, P99, CPUOp, and see package measure
	Memory   = "memory"   // footprints: see package measure
	Pairs    = "pairs"    // queue operations: NetPair
	Servers  = "servers"  // requests: Rate, P50, P99, CPUPerRequest
	Sharing  = "sharing"  // counters on cache lines of their own or on one: NsOp

	Retention   = "retention"   // a day in miniature: see package measure
	Transfers   = "transfers"   // cache lines that move: Moves, WriteMoves, ReadMoves
	Words       = "words"       // the same by word, with WriteSuffix and ReadSuffix
	Simulated   = "simulated"   // SimulatedRate, SimulatedNs; the name is model/workload
	Replacement = "replacement" // workers replaced after some tasks: StackKiB, or the units of Tasks
)

// Units, in benchstat's spelling where it has one.
const (
	NsOp          = "ns/op"
	CPUOp         = "cpu-ns/op" // processor time, user and system, of the whole process
	BytesOp       = "B/op"
	AllocsOp      = "allocs/op"
	P50           = "p50-ns"
	P99           = "p99-ns"
	P999          = "p99.9-ns"
	Cores         = "cores"
	NetPair       = "ns/pair"
	Rate          = "req/s"
	CPUPerRequest = "cpu-ns/req"
	StackKiB      = "KiB-stack/worker"

	Moves         = "lines/op"
	WriteMoves    = "write-lines/op" // for an operation that writes
	ReadMoves     = "read-lines/op"
	WriteSuffix   = "-write-lines/op" // after the word
	ReadSuffix    = "-read-lines/op"
	SimulatedRate = "simulated-M/s"
	SimulatedNs   = "simulated-ns/op"
)

// A Key says what was measured.
type Key struct {
	Kind       string  `json:"kind"`
	Name       string  `json:"name"` // of the workload
	X          float64 `json:"x,omitempty"`
	Procs      int     `json:"procs"`
	Contestant string  `json:"contestant"`
}

// Of is the same measurement of another contestant.
func (k Key) Of(contestant string) Key {
	k.Contestant = contestant
	return k
}

// A Cell is what was measured: for each unit a value a round.
type Cell struct {
	Key
	Ops    int                  `json:"ops,omitempty"` // operations of the latest sample, 0 if unknown
	Rounds []int                `json:"rounds"`
	Values map[string][]float64 `json:"values"`
}

// A Trace is how many goroutines a contestant had over time.
type Trace struct {
	Contestant string    `json:"contestant"`
	Seconds    []float64 `json:"seconds"`
	Goroutines []int     `json:"goroutines"`
}

// A Day is what a pool had over time while one load was played.
type Day struct {
	Contestant string    `json:"contestant"`
	Seconds    []float64 `json:"seconds"`
	Workers    []int     `json:"workers"`
	Running    []int     `json:"running"`  // workers that are not parked
	Started    []int     `json:"started"`  // workers so far
	StackKiB   []int     `json:"stackKiB"` // in use, beyond what was before
	HeapKiB    []int     `json:"heapKiB"`
}

// A Gate is something known of a real machine that the simulated one is held to.
type Gate struct {
	Number    int    `json:"number"`
	What      string `json:"what"`
	Known     string `json:"known"`
	Simulated string `json:"simulated"`
	Passes    bool   `json:"passes"`
	Source    string `json:"source"`
}

// A Record is one run.
type Record struct {
	Host        Host              `json:"host"`
	Args        []string          `json:"args"`
	Full        bool              `json:"full"` // made by -full, of all there is, to its end, of a commit
	Interrupted bool              `json:"interrupted"`
	Failed      []string          `json:"failed,omitempty"` // what could not be measured
	Seconds     float64           `json:"seconds"`
	Noise       Noise             `json:"noise"`
	Docs        map[string]string `json:"docs"`  // of workloads and contestants, by name
	Order       []string          `json:"order"` // of contestants in tables; others follow
	Cells       []*Cell           `json:"cells"`
	Traces      []Trace           `json:"traces,omitempty"`
	Days        []Day             `json:"days,omitempty"`
	Gates       []Gate            `json:"gates,omitempty"`

	index     map[Key]*Cell
	summaries map[question]stat.Summary
}

// A question about the record, whose answer takes a while and is asked for by
// several tables: the median of a, or of its ratio to b, or of a less b.
type question struct {
	a, b  Key
	unit  string
	minus bool
}

// ask returns the answer, from values if it was not asked for before.
func (r *Record) ask(q question, values func() []float64) (m stat.Summary, ok bool) {
	if m, ok = r.summaries[q]; ok {
		return m, m.N > 0
	}
	if v := values(); len(v) > 0 {
		m = stat.Median(v)
	}
	if r.summaries == nil {
		r.summaries = map[question]stat.Summary{}
	}
	r.summaries[q] = m
	return m, m.N > 0
}

// New returns an empty record of this machine.
func New(args []string) *Record {
	return &Record{Host: ThisHost(), Args: args, Docs: map[string]string{}}
}

// Add takes one round's values. Five digits are kept.
func (r *Record) Add(k Key, round int, values map[string]float64) { r.AddOf(k, round, 0, values) }

// AddOf takes one round's values, of a sample of n operations.
func (r *Record) AddOf(k Key, round, n int, values map[string]float64) {
	c := r.Cell(k)
	if c == nil {
		c = &Cell{Key: k, Values: map[string][]float64{}}
		r.Cells = append(r.Cells, c)
		r.index[k] = c
	}
	r.summaries = nil
	c.Ops = n
	c.Rounds = append(c.Rounds, round)
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

// Find lists the cells of a kind for which keep holds, as they were measured.
func (r *Record) Find(kind string, keep func(Key) bool) []*Cell {
	var found []*Cell
	for _, c := range r.Cells {
		if c.Kind == kind && keep(c.Key) {
			found = append(found, c)
		}
	}
	return found
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

// Contestants lists who was measured in a group.
func (r *Record) Contestants(group Key) []string {
	var names []string
	for _, c := range r.Cells {
		if c.Of("") == group.Of("") {
			names = append(names, c.Contestant)
		}
	}
	r.Sort(names)
	return names
}

// Sort puts contestants into the order of tables.
func (r *Record) Sort(names []string) {
	place := func(name string) int {
		if i := slices.Index(r.Order, name); i >= 0 {
			return i
		}
		return len(r.Order)
	}
	slices.SortStableFunc(names, func(a, b string) int { return place(a) - place(b) })
}

// Median is that of one unit; ok is false if there are no values.
func (r *Record) Median(k Key, unit string) (m stat.Summary, ok bool) {
	return r.ask(question{a: k, unit: unit}, func() []float64 {
		if c := r.Cell(k); c != nil {
			return c.Values[unit]
		}
		return nil
	})
}

// Ratio is the median of a's value over b's, taken round by round: what slowed
// both in a round leaves their ratio as it was. ok is false if they have no
// round in common.
func (r *Record) Ratio(a, b Key, unit string) (m stat.Summary, ok bool) {
	return r.ask(question{a: a, b: b, unit: unit}, func() (ratios []float64) {
		for _, v := range r.paired(a, b, unit) {
			if v[1] != 0 {
				ratios = append(ratios, v[0]/v[1])
			}
		}
		return ratios
	})
}

// Difference is the median of a's value less b's, taken round by round: for
// values that may be 0. ok is false if they have no round in common.
func (r *Record) Difference(a, b Key, unit string) (m stat.Summary, ok bool) {
	return r.ask(question{a, b, unit, true}, func() (differences []float64) {
		for _, v := range r.paired(a, b, unit) {
			differences = append(differences, v[0]-v[1])
		}
		return differences
	})
}

// paired lists the values of a and b in the rounds that they have in common.
func (r *Record) paired(a, b Key, unit string) (values [][2]float64) {
	ca, cb := r.Cell(a), r.Cell(b)
	if ca == nil || cb == nil {
		return nil
	}
	va, vb := ca.Values[unit], cb.Values[unit]
	for i, round := range ca.Rounds {
		if j := slices.Index(cb.Rounds, round); j >= 0 && i < len(va) && j < len(vb) {
			values = append(values, [2]float64{va[i], vb[j]})
		}
	}
	return values
}

// Tells reports whether the Mann-Whitney test could find a difference between
// as many samples of a and of b as there are.
func (r *Record) Tells(a, b Key, unit string) bool {
	ca, cb := r.Cell(a), r.Cell(b)
	return ca != nil && cb != nil && stat.Tells(len(ca.Values[unit]), len(cb.Values[unit]))
}

// P is the Mann-Whitney probability that a and b are alike; 1 if there is
// nothing to compare.
func (r *Record) P(a, b Key, unit string) float64 {
	ca, cb := r.Cell(a), r.Cell(b)
	if ca == nil || cb == nil || len(ca.Values[unit]) == 0 || len(cb.Values[unit]) == 0 {
		return 1
	}
	return stat.P(ca.Values[unit], cb.Values[unit])
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

// JSON is the record with one cell a line.
func (r *Record) JSON() ([]byte, error) {
	text, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	text = bytes.ReplaceAll(text, []byte(`{"kind"`), []byte("\n"+`{"kind"`))
	return append(text, '\n'), nil
}

// Read is the inverse of JSON.
func Read(text []byte) (*Record, error) {
	r := new(Record)
	if err := json.Unmarshal(text, r); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return r, nil
}
