package page

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// how says what the columns mean.
var how = fmt.Sprintf("Each contestant once a round, in random order. All figures are medians. ± is the bound of the median's %.0f %% bootstrap interval; x go is the median of the rounds' ratios.", 100*stat.Confidence)

// Text prints the record: first what lfpool loses and where go is better.
func Text(w io.Writer, r *record.Record) {
	r.Host.Print(w)
	fmt.Fprintf(w, "bench %s, %.0f s. %s\n%s\n", strings.Join(r.Args, " "), r.Seconds, r.Noise, how)
	if len(r.Failed) > 0 {
		fmt.Fprintf(w, "Not measured, for an error: %s.\n", strings.Join(r.Failed, "; "))
	}
	var tables []Table
	if t, undecided, compared := losses(r); compared {
		tables = append(tables, t)
		if len(undecided.Rows) > 0 {
			tables = append(tables, undecided)
		}
	}
	for _, t := range slices.Concat(tables, Crossover(r), sweepTables(r), matrices(r, record.NsOp, isMain), matrices(r, record.CPUOp, isMain), matrices(r, record.NsOp, isHeadline), matrices(r, record.CPUOp, isHeadline), servers(r), starts(r), pairs(r), sharing(r), memory(r), traces(r), retention(r), replacement(r), blocks(r)) {
		t.Text(w)
	}
}
