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
var how = fmt.Sprintf("Each contestant once a round, in random order. All figures are medians. ± is the bound of the median's %.0f %% interval; x go is the median of the rounds' ratios. Processor time, bytes and allocations are the whole process's. %s", 100*stat.Confidence, rule)

// Text prints the record: first what lfpool loses and where go is better, last in
// words what was learnt.
func Text(w io.Writer, r *record.Record) {
	r.Host.Print(w)
	fmt.Fprintf(w, "bench %s, %.0f s. %s%s\n%s\n", strings.Join(r.Args, " "), r.Seconds, waited(r), r.Noise, how)
	if len(r.Failed) > 0 {
		fmt.Fprintf(w, "Not measured, for an error: %s.\n", strings.Join(r.Failed, "; "))
	}
	var tables []Table
	if bySize, bytes, _, compared := losses(r); compared {
		tables = append(tables, bySize)
		if len(bytes.Rows) > 0 {
			tables = append(tables, bytes)
		}
	}
	for _, t := range slices.Concat(tables, Crossover(r), sweepTables(r, record.NsOp), sweepTables(r, record.CPUOp), matrices(r, record.NsOp, isMain), matrices(r, record.CPUOp, isMain), matrices(r, record.NsOp, isHeadline), matrices(r, record.CPUOp, isHeadline), starts.tables(r), lateness.tables(r), paper(r), blocked.tables(r), memory.tables(r), blocks.tables(r), gates(r), simulated(r), assumptions(r), transfers(r), movedWords(r)) {
		t.Text(w)
	}
	if lines := Learnt(r); len(lines) > 0 {
		fmt.Fprintln(w, "\nWhat was learnt")
		for _, line := range lines {
			fmt.Fprintln(w, wrapped(line, 100))
		}
	}
}

// wrapped breaks text into lines of at most so many bytes, where words allow it. All
// lines but the first are indented.
func wrapped(text string, width int) string {
	const indent = "\n    "
	var b strings.Builder
	column := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			b.WriteString(indent)
			column = len(indent) - 1
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}
