package page

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// names are how Markdown pages call contestants, where it is not by their own names.
var names = map[string]string{
	"go": "`go`", "lfpool": "**lfpool**", "grpc-style": "gRPC-Go's way", "handoff-mutex": "mutex pool", "handoff-spin": "spinlock pool",
	"gp": "gp (TiDB)", "ants-multi": "ants MultiPool", "bytedance-gopool": "bytedance gopool", "cloudwego-gopool": "cloudwego gopool",
}

// Report writes all that a record tells of pools, in short, for a page: base is the
// record's name there, without its extension.
func Report(w io.Writer, r *record.Record, base string) {
	groups := mainGroups(r)
	heads := namesOf(groups)
	t := grid(r, "", heads, groups, func(k record.Key) string { return toReference(r, k, record.NsOp) })
	t.Rows = slices.DeleteFunc(t.Rows, func(row []string) bool { return contest.IsVariant(row[0]) })
	for i := range groups {
		least := ""
		for _, row := range t.Rows {
			if v := row[1+i]; v != "-" && (least == "" || len(v) == len(least) && v < least || len(v) < len(least)) {
				least = v
			}
		}
		for _, row := range t.Rows {
			if row[1+i] == least {
				row[1+i] = "**" + least + "**"
			}
		}
	}
	for _, row := range t.Rows {
		if n, ok := names[row[0]]; ok {
			row[0] = n
		}
	}
	fmt.Fprintf(w, "Time per task as a multiple of `go` in the same run: below 1 is faster. %s Where `go` is the better choice: [by depth, size and load](%s/crossover.md).\n\n", origin(r, base), path.Dir(base))
	t.Markdown(w)
	if lines := Learnt(r); len(lines) > 0 {
		fmt.Fprint(w, "\n## In words\n\n")
		for _, line := range lines {
			fmt.Fprintf(w, "- %s\n", line)
		}
	}
	if bySize, bytes, _, compared := losses(r); compared {
		fmt.Fprint(w, "\n## What lfpool loses\n\nIn how many rows, and by how much; the page with plots has each row with its interval. Losses of servers stand with the [integrations](../integrations/README.md).\n\n")
		bySize.Markdown(w)
		fmt.Fprintln(w)
		bytes.Markdown(w)
	}
	if groups := r.Groups(record.Starts); len(groups) > 0 {
		fmt.Fprintf(w, "\n## How soon a task starts\n\nMicroseconds from when a task is due until it starts, medians of the rounds, by [kind of load](%s/README.md): *open*, tasks of that length at that load in %%, beside a submitter that keeps its processor busy; *busy*, now and then beside that many pairs of goroutines; *ramp*, 100 at once after a rest.\n", path.Dir(path.Dir(base)))
		for _, unit := range []string{record.P50, record.P99} {
			fmt.Fprintln(w)
			grid(r, strings.TrimSuffix(unit, "-ns"), namesOf(groups), groups, func(k record.Key) string {
				return center("", unit, microseconds).show(r, k)
			}).Markdown(w)
		}
	}
	for _, t := range memory.tables(r) {
		fmt.Fprint(w, "\n## Memory\n\n")
		t.Markdown(w)
	}
}

// command is what made the record, as it is typed today.
func command(r *record.Record) string {
	args := slices.Clone(r.Args)
	if i := slices.Index(args, "-o"); i >= 0 && i+1 < len(args) {
		args = slices.Delete(args, i, i+2)
	}
	if r.Full {
		args = []string{"full"}
	}
	return strings.TrimSpace("go run ./bench " + strings.Join(args, " "))
}

// origin says where figures come from: base is the record's name on that page, without
// its extension.
func origin(r *record.Record, base string) string {
	rounds := 0
	for _, c := range r.Cells {
		for _, v := range c.Values {
			rounds = max(rounds, len(v))
		}
	}
	return fmt.Sprintf("%s, `%s`, medians of up to %d rounds. %s%s [Record](%s.txt); `go run ./bench show` makes of it a page with every figure, its interval, and plots.",
		r.Host.Line(), command(r), rounds, waited(r), r.Noise, base)
}

func waited(r *record.Record) string {
	if r.Waited == "" {
		return ""
	}
	return r.Waited + " "
}

// CrossoverPage writes the crossover tables, for a file that sees the record
// under the given name.
func CrossoverPage(w io.Writer, r *record.Record, name string) {
	fmt.Fprintln(w, origin(r, name))
	for _, t := range Crossover(r) {
		fmt.Fprintln(w)
		t.Markdown(w)
	}
}
