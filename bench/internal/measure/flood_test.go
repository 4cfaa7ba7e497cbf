package measure

import (
	"context"
	"io"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// TestFloodsComeFromFreshProcesses: every round has the values of each contestant
// that has room.
func TestFloodsComeFromFreshProcesses(t *testing.T) {
	r := new(record.Record)
	floods := []Flood{{Name: "small", Tasks: 2000}, {Name: "large", Tasks: 10_001}}
	stage := ColdFloods{Filter: regexp.MustCompile("/small|workerpool/large|lfpool/large"), Contestants: contest.Named("go", "lfpool", "workerpool"), Floods: floods, Count: 2}.Stage()
	assert.Equal(t, 2, stage.Steps)
	Run(context.Background(), []Stage{stage}, NewRecorder(r, nil, io.Discard))
	assert.Empty(t, r.Failed)
	require.Len(t, r.Cells, 3+1, "workerpool has no room for the large one")
	for _, c := range r.Cells {
		assert.Equal(t, record.Tasks, c.Kind)
		assert.Equal(t, []int{0, 1}, c.Rounds)
		for _, unit := range []string{record.NsOp, record.CPUOp, record.BytesOp, record.AllocsOp, BytesBlocked} {
			assert.Len(t, c.Values[unit], 2, unit)
		}
		assert.Greater(t, c.Values[BytesBlocked][0], 2000.0, "a stack of 2 KiB for each blocked task")
		assert.Positive(t, c.Values[record.NsOp][0])
	}
	assert.Zero(t, ColdFloods{Filter: regexp.MustCompile("nobody/"), Floods: Floods}.Stage().Steps)
}

func TestAFloodThatFailsIsReported(t *testing.T) {
	r := new(record.Record)
	rec := NewRecorder(r, nil, io.Discard)
	rec.stage([]Stage{{Steps: 1}}, 0)
	Flood{Name: "small", Tasks: 1}.measure(context.Background(), []baseline.Contestant{{Name: "nobody"}}, 2, rec)
	assert.Equal(t, []string{"small of nobody", "small of nobody"}, r.Failed)
	assert.Empty(t, r.Cells)
}
