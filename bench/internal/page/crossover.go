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
			at := map[verdict][]string{}
			for _, g := range s.groups(r, way) {
				c, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference))
				if !ok {
					continue
				}
				head = append(head, s.x(g))
				row = append(row, fmt.Sprintf("%.2f", c.effect.Center)+map[verdict]string{worse: " go", alike: " =", tooFew: " ?"}[c.verdict])
				at[c.verdict] = append(at[c.verdict], s.x(g))
			}
			if len(row) > 1 {
				t.Head, t.Rows, t.Notes = head, append(t.Rows, row), append(t.Notes, way+": "+sentence(at))
			}
		}
		tables = append(tables, t.orNone()...)
	}
	return tables
}

// sentence says where each is the better choice.
func sentence(at map[verdict][]string) string {
	var said []string
	for _, of := range []struct {
		verdict verdict
		words   string
	}{{worse, "go is the better choice"}, {alike, "no difference shown"}, {tooFew, "too few samples"}, {better, "lfpool is the better choice"}} {
		switch where := at[of.verdict]; {
		case len(where) == 0:
		case len(at) == 1:
			return of.words + " throughout."
		case of.verdict == better:
			said = append(said, of.words+" otherwise")
		default:
			said = append(said, of.words+" at "+strings.Join(where, ", "))
		}
	}
	return strings.Join(said, "; ") + "."
}

// sweepTables show all contestants' times, or processor times, over go's, for each
// load of a sweep.
func sweepTables(r *record.Record, unit string) (tables []Table) {
	for _, s := range sweeps {
		for _, way := range load.Ways() {
			tables = append(tables, grid(r, unitWords[unit]+" over go's, "+s.title+": "+way, s.x, s.groups(r, way), func(k record.Key) string {
				if k.Contestant == contest.Reference {
					return "-"
				}
				return toReference(r, k, unit)
			})...)
		}
	}
	return tables
}
