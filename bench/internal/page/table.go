// Package page shows a record: as tables on a terminal or in Markdown, and as
// one HTML page with plots.
package page

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// A Table has a title, a head and rows. The first column names the row.
type Table struct {
	Title string
	Head  []string
	Rows  [][]string
	Notes []string // lines below
	Words bool     // the last column has words, not figures
	Fold  bool     // folded on the page
}

// orNone is the table, or none if it has no rows.
func (t Table) orNone() []Table {
	if len(t.Rows) == 0 {
		return nil
	}
	return []Table{t}
}

// Text prints the table with its first column left and the others right.
func (t Table) Text(w io.Writer) {
	fmt.Fprintf(w, "\n%s\n", t.Title)
	if len(t.Rows) > 0 {
		width := 0
		for _, row := range t.Rows {
			width = max(width, len(row[0]))
		}
		tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
		for _, row := range slices.Insert(slices.Clone(t.Rows), 0, t.Head) {
			fmt.Fprintf(tw, "%-*s\t", width, row[0])
			figures, words := row[1:], ""
			if t.Words {
				figures, words = row[1:len(row)-1], "  "+row[len(row)-1]
			}
			for _, field := range figures {
				fmt.Fprintf(tw, "%s\t", field)
			}
			fmt.Fprintln(tw, words)
		}
		tw.Flush()
	}
	for _, note := range t.Notes {
		fmt.Fprintln(w, note)
	}
}

// digits shows about four digits.
func digits(v float64) string {
	switch a := math.Abs(v); {
	case a < 10:
		return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64)
	case a < 1000:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
}

// microseconds shows nanoseconds as such.
func microseconds(ns float64) string { return digits(ns / 1e3) }

// size shows the length of a task in the size sweep.
func size(ns float64) string {
	return strings.ReplaceAll(time.Duration(ns).String(), "µ", "u")
}
