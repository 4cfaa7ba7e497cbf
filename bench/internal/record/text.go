package record

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"unicode"

	"golang.org/x/perf/benchfmt"
)

// A Text writes samples in the Go benchmark format, a line each, as they come.
// A nil *Text drops them.
type Text struct {
	w      io.Writer
	writer *benchfmt.Writer
	config []benchfmt.Config
}

// NewText writes the head of the file.
func NewText(w io.Writer, h Host) (*Text, error) {
	t := &Text{w: w, writer: benchfmt.NewWriter(w)}
	for _, kv := range [][2]string{
		{"goos", h.GOOS},
		{"goarch", h.GOARCH},
		{"pkg", ModulePath + "/bench"},
		{"cpu", h.CPU},
		{"go-version", h.Go},
		{"governor", h.Governor},
	} {
		t.config = append(t.config, benchfmt.Config{Key: kv[0], Value: []byte(kv[1]), File: true})
	}
	return t, t.Note(fmt.Sprintf("%s, commit %s, %d cores, load %.2f", h.Date(), h.Commit, h.Cores, h.Load))
}

// Note writes a line of words. It is a comment, not configuration: benchstat
// would refuse to compare two files that differ in it.
func (t *Text) Note(words string) error {
	_, err := fmt.Fprintf(t.w, "# %s\n", words)
	return err
}

// Add writes one sample of n operations.
func (t *Text) Add(k Key, n int, values map[string]float64) error {
	if t == nil {
		return nil
	}
	name := title(k.Kind) + "/workload=" + k.Name
	if k.X != 0 {
		name += "/x=" + strconv.FormatFloat(k.X, 'f', -1, 64)
	}
	name += "/contestant=" + k.Contestant
	if k.Procs != 1 {
		name += fmt.Sprintf("-%d", k.Procs) // as package testing names them
	}
	result := &benchfmt.Result{Config: t.config, Name: benchfmt.Name(name), Iters: max(1, n)}
	for _, unit := range slices.Sorted(maps.Keys(values)) {
		result.Values = append(result.Values, benchfmt.Value{Value: fiveDigits(values[unit]), Unit: unit})
	}
	return t.writer.Write(result)
}

func title(s string) string {
	r := []rune(s)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}
