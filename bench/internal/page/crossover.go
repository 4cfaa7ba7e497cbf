package page

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A sweep is over what varies, in titles.
type sweep struct {
	prefix, title, short string
	show                 func(float64) string
}

var sweeps = []sweep{
	{load.DepthSweep, "by the depth of a task in frames", "by depth", func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }},
	{load.SizeSweep, "by the time that a task computes", "by size", size},
	{load.SleepSweep, "by the time that a task sleeps", "by sleep", size},
}

// isSweep tells workloads that come in many sizes: they have tables of their own.
func isSweep(g record.Key) bool {
	return g.X != 0 || slices.ContainsFunc(sweeps, func(s sweep) bool { return strings.HasPrefix(g.Name, s.prefix) })
}

func (s sweep) groups(r *record.Record, way string) []record.Key {
	return only(r.Groups(record.Tasks), func(g record.Key) bool { return g.Name == s.prefix+way })
}

func (s sweep) x(g record.Key) string { return s.show(g.X) }

// taskTime is what sweeps compare.
var taskTime = metric{kind: record.Tasks, unit: record.NsOp}

// crossover says for which depth, size and sleep of a task, under which load, the
// go statement is the better choice.
func crossover(r *record.Record) (tables []Table) {
	for _, s := range sweeps {
		t := Table{Title: "lfpool's time over go's, " + s.title + " (go where go is better, = where the samples do not tell, ? where they are too few)"}
		for _, way := range load.Ways() {
			head, row := []string{""}, []string{way}
			for _, g := range s.groups(r, way) {
				c, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference))
				if !ok {
					continue
				}
				head = append(head, s.x(g))
				row = append(row, fmt.Sprintf("%.2f", c.effect.Center)+map[verdict]string{worse: " go", alike: " =", tooFew: " ?"}[c.verdict])
			}
			if len(row) > 1 {
				t.Head, t.Rows = head, append(t.Rows, row)
			}
		}
		tables = append(tables, t.orNone()...)
	}
	return tables
}
