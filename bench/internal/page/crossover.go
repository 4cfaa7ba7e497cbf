package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// A sweepKind is what varies in a sweep, in titles.
type sweepKind struct {
	prefix, title, short string
	show                 func(float64) string
}

var sweeps = []sweepKind{
	{load.DepthSweep, "by the depth of a task in frames", "by depth", plain},
	{load.SizeSweep, "by the time that a task computes", "by size", size},
	{load.SleepSweep, "by the time that a task sleeps", "by sleep", size},
}

func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// taskTime is what sweeps compare.
var taskTime = metric{kind: record.Tasks, unit: record.NsOp}

// Crossover says for which depth, size and sleep of a task, under which load, the
// go statement is the better choice.
func Crossover(r *record.Record) (tables []Table) {
	for _, s := range sweeps {
		t := Table{Title: "lfpool's time over go's, " + s.title + " (go where go is better, = where the samples do not tell, ? where they are too few)"}
		for _, way := range load.Ways() {
			head, row := []string{""}, []string{way}
			at := map[verdict][]string{}
			for _, g := range only(r.Groups(record.Tasks), func(g record.Key) bool { return g.Name == s.prefix+way }) {
				c, ok := taskTime.judge(r, g.Of(contest.Subject), g.Of(contest.Reference))
				if !ok {
					continue
				}
				head = append(head, s.show(g.X))
				row = append(row, ratio(c.effect, true)+map[verdict]string{worse: " go", alike: " =", tooFew: " ?"}[c.verdict])
				at[c.verdict] = append(at[c.verdict], s.show(g.X))
			}
			if len(row) > 1 {
				t.Head, t.Rows, t.Notes = head, append(t.Rows, row), append(t.Notes, way+": "+sentence(at))
			}
		}
		if len(t.Rows) > 0 {
			tables = append(tables, t)
		}
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
		case of.verdict == better && len(said) > 0:
			said = append(said, of.words+" otherwise")
		default:
			said = append(said, of.words+" at "+strings.Join(where, ", "))
		}
	}
	return strings.Join(slices.Compact(said), "; ") + "."
}
