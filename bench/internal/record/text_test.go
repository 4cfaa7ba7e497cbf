package record

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/perf/benchfmt"
)

// TestTextReadsBack: as a record, and as benchstat reads it.
func TestTextReadsBack(t *testing.T) {
	r := &Record{Host: syntheticHost, Args: []string{"full"}, Full: true, Failed: []string{"peak of ants"}, Waited: "Waited 3m0s for a quiet machine: other processes used 1.20 of 2 processors."}
	add := func(k Key, values map[string]float64) { r.Add(k, 4000, values) }
	deep := Key{Kind: Tasks, Name: "wait-deep", Procs: 2, Contestant: "lfpool"}
	add(deep, map[string]float64{NsOp: 750, BytesOp: 16, AllocsOp: 1.00025, CPUOp: 12345678})
	one := deep
	one.Procs, one.X = 1, 60
	add(one, map[string]float64{NsOp: 1.5, CPUOp: 0})
	add(deep, map[string]float64{NsOp: 700, BytesOp: 16, AllocsOp: 1, CPUOp: 3})
	add(Key{Kind: Pairs, Name: "ms96", X: 2, Procs: 16, Contestant: "seg"}, map[string]float64{NetPair: -15.5})
	add(Key{Kind: Gates, Name: "parallel", Procs: 1, Contestant: "lanes-1"}, map[string]float64{Passes: 1}) // its name ends in a number
	r.Noise = Noise{Reasons: []string{"it was loud: very"}, GoSpread: 0.25}
	text, err := r.Text()
	require.NoError(t, err)
	assert.Contains(t, string(text), "\n# NOISY MACHINE: it was loud: very.\n")
	back, err := Read(text)
	require.NoError(t, err)
	assert.Equal(t, r.Cells, back.Cells)
	back.Cells, back.index, r.Cells, r.index = nil, nil, nil, nil
	assert.Equal(t, r, back)

	var results []*benchfmt.Result
	reader := benchfmt.NewReader(bytes.NewReader(text), "report.txt")
	for reader.Scan() {
		r, ok := reader.Result().(*benchfmt.Result)
		require.True(t, ok, "%v", reader.Result())
		results = append(results, r.Clone())
	}
	require.NoError(t, reader.Err())
	require.Len(t, results, 5, "and nothing of the notes, which are no errors either")
	first := results[0]
	assert.Equal(t, "Tasks/workload=wait-deep/contestant=lfpool-2", first.Name.String())
	assert.Equal(t, "Tasks/workload=wait-deep/x=60/contestant=lfpool", results[2].Name.String())
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

func TestReadRefuses(t *testing.T) {
	_, err := Read([]byte("BenchmarkTasks/x=1 1 2 ns/op\n"))
	require.ErrorContains(t, err, "no line that begins with")
	for want, text := range map[string]string{
		"invalid character":      "\n# record {x\n",
		"benchmark Tasks/x=y":    "BenchmarkTasks/x=y 1 2 ns/op\n# record {}\n",
		"benchmark Tasks/size=1": "BenchmarkTasks/size=1 1 2 ns/op\n# record {}\n",
		"iteration count":        "BenchmarkTasks x 2 ns/op\n# record {}\n",
	} {
		_, err := Read([]byte(text))
		assert.ErrorContains(t, err, want)
	}
}
