package record

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

func TestTextReadsBack(t *testing.T) {
	var file bytes.Buffer
	text, err := NewText(&file, syntheticHost)
	require.NoError(t, err)
	k := Key{Kind: Tasks, Name: "wait-deep", Procs: 2, Contestant: "lfpool"}
	values := map[string]float64{NsOp: 750, BytesOp: 16, AllocsOp: 1.00025}
	require.NoError(t, text.Add(k, 4000, values))
	k.Procs, k.X = 1, 60
	require.NoError(t, text.Add(k, 4000, values))

	require.NoError(t, text.Note(Noise{}.String()))
	require.NoError(t, text.Note(Noise{Reasons: []string{"it was loud: very"}}.String()))
	require.NoError(t, text.Add(k, 4000, values))

	assert.Contains(t, file.String(), "0123456789ab")
	assert.Contains(t, file.String(), "\n# NOISY MACHINE: it was loud: very.\n")
	var results []*benchfmt.Result
	reader := benchfmt.NewReader(&file, "report.txt")
	for reader.Scan() {
		r, ok := reader.Result().(*benchfmt.Result)
		require.True(t, ok, "%v", reader.Result())
		results = append(results, r.Clone())
	}
	require.NoError(t, reader.Err())
	require.Len(t, results, 3, "and nothing of the notes, which are no errors either")
	assert.Equal(t, results[1].Config, results[2].Config, "notes change no configuration")
	first := results[0]
	assert.Equal(t, "Tasks/workload=wait-deep/contestant=lfpool-2", first.Name.String())
	assert.Equal(t, "Tasks/workload=wait-deep/x=60/contestant=lfpool", results[1].Name.String())
	assert.Equal(t, 4000, first.Iters)
	for _, key := range []string{"goos", "goarch", "pkg", "cpu", "go-version", "governor"} {
		assert.NotEmpty(t, first.GetConfig(key), key)
	}
	for unit, want := range map[string]float64{"sec/op": 750e-9, "B/op": 16, "allocs/op": 1} {
		got, ok := first.Value(unit)
		require.True(t, ok, unit)
		assert.InDelta(t, want, got, 1e-9+want/1000, unit)
	}
}

type fullDisk struct{ room int }

func (w *fullDisk) Write(p []byte) (int, error) {
	if w.room -= len(p); w.room < 0 {
		return 0, errors.New("disk full")
	}
	return len(p), nil
}

func TestTextReportsErrors(t *testing.T) {
	_, err := NewText(&fullDisk{}, syntheticHost)
	require.Error(t, err)
	text, err := NewText(&fullDisk{room: 200}, syntheticHost)
	require.NoError(t, err)
	for range 10 {
		if err = text.Add(Key{Kind: Tasks, Name: "wait", Contestant: "go"}, 1, map[string]float64{NsOp: 1}); err != nil {
			break
		}
	}
	assert.ErrorContains(t, err, "disk full")
}
