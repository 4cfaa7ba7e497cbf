package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// digest says in one row for each family of measurements how often lfpool loses,
// to go and to the best of the others, and by how much at most.
func digest(r *record.Record) Table {
	t := Table{Head: []string{"lfpool is worse", "than `go`", "at most", "than the best other", "at most"}}
	var families []string
	of := map[string][]contested{}
	for _, c := range contests(r) {
		f := family(r, c)
		if !slices.Contains(families, f) {
			families = append(families, f)
		}
		of[f] = append(of[f], c)
	}
	for _, f := range families {
		row := []string{f}
		for _, reference := range []bool{true, false} {
			against := slices.DeleteFunc(slices.Clone(of[f]), func(c contested) bool { return (c.rival.Contestant == contest.Reference) != reference })
			row = append(row, tally(against), worst(against))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// family names what stands in one row.
func family(r *record.Record, c contested) string {
	switch {
	case c.own.Kind != record.Tasks || c.metric.unit != record.NsOp:
		return c.metric.what
	case isHeadline(c.own.Name):
		return "time, headlines of other pools"
	case c.own.Procs != taskGroups(r)[0].Procs:
		return "time, other GOMAXPROCS"
	default:
		return "time, main workloads"
	}
}

// tally counts the losses.
func tally(all []contested) string {
	if len(all) == 0 {
		return "-"
	}
	var lost, few int
	for _, c := range all {
		switch c.verdict {
		case worse:
			lost++
		case tooFew:
			few++
		}
	}
	text := fmt.Sprintf("%d of %d", lost, len(all)-few)
	switch few {
	case 0:
		return text
	case len(all):
		return "too few samples"
	default:
		return fmt.Sprintf("%s, %d too few samples", text, few)
	}
}

// worst is the greatest loss: its row, its interval, and to whom.
func worst(all []contested) string {
	var most *contested
	for i, c := range all {
		if c.verdict == worse && (most == nil || c.effect.Center > most.effect.Center) {
			most = &all[i]
		}
	}
	if most == nil {
		return ""
	}
	where := most.own.Name
	if most.own.X != 0 {
		where += fmt.Sprintf(" x %.0f", most.own.X)
	}
	if most.rival.Contestant != contest.Reference {
		where += ", " + most.rival.Contestant
	}
	return fmt.Sprintf("%s %s (%s)", most.times(), most.interval(), where)
}

// startsDigest shows the start latency of go and of lfpool.
func startsDigest(r *record.Record) Table {
	t := Table{Head: []string{"", "`go` p50", "lfpool p50", "lfpool p50, by round", "`go` p99", "lfpool p99"}}
	for _, g := range r.Groups(record.Starts) {
		reference, own := g.Of(contest.Reference), g.Of(contest.Subject)
		if r.Cell(reference) == nil || r.Cell(own) == nil {
			continue
		}
		t.Rows = append(t.Rows, []string{g.Name,
			about(r, reference, record.P50), about(r, own, record.P50), rangeOf(r, own, record.P50),
			about(r, reference, record.P99), about(r, own, record.P99)})
	}
	return t
}

// about shows a median of microseconds with its interval.
func about(r *record.Record, k record.Key, unit string) string {
	m, ok := r.Median(k, unit)
	if !ok {
		return "-"
	}
	return bracket(fmt.Sprintf("%s [%s, %s]", microseconds(m.Center), microseconds(m.Lo), microseconds(m.Hi)))
}

// rangeOf shows the least and the greatest of the rounds in microseconds: where
// rounds fall into two kinds, neither is near the median.
func rangeOf(r *record.Record, k record.Key, unit string) string {
	c := r.Cell(k)
	if c == nil || len(c.Values[unit]) == 0 {
		return "-"
	}
	return fmt.Sprintf("%s to %s", microseconds(slices.Min(c.Values[unit])), microseconds(slices.Max(c.Values[unit])))
}

// memoryDigest says in a sentence what go and lfpool take and leave.
func memoryDigest(r *record.Record) string {
	var of []string
	n := 0
	for _, g := range r.Groups(record.Memory) {
		for _, c := range []string{contest.Reference, contest.Subject} {
			k := g.Of(c)
			blocked, ok := r.Median(k, measure.BytesBlocked)
			if !ok {
				continue
			}
			n = max(n, blocked.N)
			left, _ := r.Median(k, measure.KiBLeft)
			text := fmt.Sprintf("%s %s B a task, then %s KiB left", c, count(blocked.Center), count(left.Center))
			if parked, ok := r.Median(k, measure.BytesParked); ok && c == contest.Subject {
				text += fmt.Sprintf(", a parked worker %s B", count(parked.Center))
			}
			of = append(of, text)
		}
	}
	if len(of) == 0 {
		return ""
	}
	return fmt.Sprintf("Memory for %d tasks that block, medians of %d: %s.", measure.PeakTasks, n, strings.Join(of, "; "))
}
