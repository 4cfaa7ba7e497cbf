package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// ablated is what each part of lfpool costs on each workload, above 0, or earns.
func ablated(r *record.Record) part {
	p := part{ID: "ablation", Title: "What each part costs", Intro: "Nanoseconds a task: lfpool less lfpool without the part, medians of the rounds with 95 % intervals. Above 0 the part costs, below 0 it earns."}
	groups := mainGroups(r)
	found := grid(r, "What each part costs: ns a task, lfpool less lfpool without it", workload, groups, func(k record.Key) string {
		if !strings.HasPrefix(k.Contestant, contest.Without) {
			return "-"
		}
		d, ok := r.Difference(k.Of(contest.Subject), k, record.NsOp)
		if !ok {
			return "-"
		}
		signed := func(v float64) string { return fmt.Sprintf("%+.1f", v) }
		return signed(d.Center) + " " + interval(d, signed)
	})
	for _, t := range found {
		for _, row := range t.Rows {
			row[0] = strings.TrimPrefix(row[0], contest.Without)
		}
		own := []string{"(lfpool itself)"}
		for _, g := range groups {
			own = append(own, center("", record.NsOp, digits).of(r)(g.Of(contest.Subject)))
		}
		t.Head[0], t.Rows = "without", slices.Insert(t.Rows, 0, own)
		t.Notes = []string{"The control, nothing, shows what the place of code and data in memory does: smaller figures mean nothing."}
		p.Tables = append(p.Tables, t)
	}
	return p
}
