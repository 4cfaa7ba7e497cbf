package measure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// TestFloodsComeFromFreshProcesses: every round has the values of each contestant
// that has room.
func TestFloodsComeFromFreshProcesses(t *testing.T) {
	cs := contest.Named("go", "lfpool", "workerpool")
	r := new(record.Record)
	rows := []Row{Flood("small", "", cs, 2000, 0), Flood("large", "", cs, 10_001, 0)}
	Run(context.Background(), []Stage{{Rows: rows, Procs: []int{2}, Count: 2}}, NewRecorder(r, io.Discard))
	assert.Empty(t, r.Failed)
	require.Len(t, r.Cells, 3+2, "workerpool has no room for the large one")
	for _, c := range r.Cells {
		assert.Equal(t, record.Tasks, c.Kind)
		for _, unit := range []string{record.NsOp, record.CPUOp, record.BytesOp, record.AllocsOp, BytesBlocked, NsEnded} {
			assert.Len(t, c.Values[unit], 2, unit)
		}
		assert.Greater(t, c.Values[BytesBlocked][0], 2000.0, "a stack of 2 KiB for each blocked task")
		assert.Positive(t, c.Values[record.NsOp][0])
		assert.Positive(t, c.Values[NsEnded][0])
	}
}

// TestAChildThatFails is reported, and asked no more.
func TestAChildThatFails(t *testing.T) {
	r := new(record.Record)
	var shown bytes.Buffer
	rows := []Row{Flood("small", "", []baseline.Contestant{{Name: "nobody"}}, 1, 0)}
	Run(context.Background(), []Stage{{Rows: rows, Procs: []int{2}, Count: 2}}, NewRecorder(r, &shown))
	assert.Contains(t, shown.String(), "bench: small of nobody: exit status")
	assert.Equal(t, []string{"small of nobody"}, r.Failed)
	assert.Empty(t, r.Cells)
}

func TestFootprintOfTheGoStatement(t *testing.T) {
	const tasks = 10_000
	f := footprint(baseline.All[0].New(), tasks)
	assert.Greater(t, f[BytesBlocked], 2000.0, "a stack of 2 KiB for each blocked goroutine")
	assert.Less(t, f[KiBLeft]*1024, f[BytesBlocked]*tasks/2, "and far less when they have ended")
}

// TestFootprintsOfPoolsInUse come from processes of their own.
func TestFootprintsOfPoolsInUse(t *testing.T) {
	r := new(record.Record)
	row := Footprints(contest.Named("lfpool", contest.Mutex), 5000)
	Run(context.Background(), []Stage{{Rows: []Row{row}, Procs: []int{2}, Count: 2}}, NewRecorder(r, io.Discard))
	require.Len(t, r.Cells, 1, "a variant is in nobody's use")
	c := r.Cells[0]
	assert.Equal(t, "lfpool", c.Contestant)
	assert.Greater(t, c.Values[GoroutinesAfter][0], 4500.0)
	require.Len(t, c.Values[ShrinkSeconds], 2, "it shrinks in time")
}

// TestTasksApart have a process for each sample.
func TestTasksApart(t *testing.T) {
	r := new(record.Record)
	rows := Apart([]Built{{Name: "go", Contestant: "go"}, {Name: "without-nothing", Contestant: "lfpool"}, {Name: "broken", Contestant: "lfpool", Program: func() (string, error) { return "", errors.New("does not compile") }}}, load.Named(load.Main, "wait", "burst100")...)
	Run(context.Background(), []Stage{{Rows: rows, Procs: []int{2}, Count: 2, Longest: time.Millisecond}}, NewRecorder(r, io.Discard))
	require.Len(t, r.Cells, 4)
	for _, c := range r.Cells {
		require.Len(t, c.Values[record.NsOp], 2)
		assert.Positive(t, c.Values[record.NsOp][0])
		assert.Positive(t, c.Ops)
	}
	assert.Equal(t, []string{"wait of broken", "burst100 of broken"}, r.Failed)
}

// TestAChildHasOurProcs, and ends when it is not needed any more.
func TestAChildHasOurProcs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	take := inChild(os.Executable, "test-procs", "go", "", 1)
	_, values, err := take(t.Context(), 0)
	require.NoError(t, err)
	assert.Equal(t, 3.0, values["procs"])

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = take(ctx, 0)
	assert.Error(t, err)
}
