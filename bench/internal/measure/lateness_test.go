package measure

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/baseline"
)

// A tallyPool counts its tasks, runs each in a goroutine, and tells of the thousandth.
type tallyPool struct {
	begun, ended atomic.Int64
	thousand     chan struct{}
}

func (p *tallyPool) Go(f func()) {
	if p.begun.Add(1) == 1000 {
		close(p.thousand)
	}
	go func() {
		p.ended.Add(1) // before f, which may tell that all have ended
		f()
	}()
}

// TestNeighboursEndAndCount: each runs until it is ended, then none of its tasks is
// left, and it says how many they were.
func TestNeighboursEndAndCount(t *testing.T) {
	for _, n := range Neighbours {
		assert.NotEmpty(t, n.Doc)
		p := &tallyPool{thousand: make(chan struct{})}
		end, err := n.begin(p, 2)
		require.NoError(t, err, n.Name)
		<-p.thousand // comes only if it goes on by itself
		tasks, err := end()
		require.NoError(t, err, n.Name)
		assert.EqualValues(t, p.begun.Load(), tasks, n.Name)
		assert.EqualValues(t, p.ended.Load(), tasks, n.Name)
	}
}

// TestLatenessIsWhatASleepTakesMore: none in a bubble, whose clock is exact.
func TestLatenessIsWhatASleepTakesMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		assert.Equal(t, make([]float64, 20), lateness(20*asked))
		assert.Equal(t, 20*asked, time.Since(begun))
		assert.Len(t, lateness(0), 1, "once at least")
	})
}

func TestLateness(t *testing.T) {
	r := new(record.Record)
	stage := Stage{Rows: Beside(contest.Named("go", "lfpool"), Neighbours...), Procs: []int{1, 2}, Count: 2, Longest: 3 * time.Millisecond}.Only(regexp.MustCompile("beside-chains|lfpool/beside-echo"))
	assert.Equal(t, 2*9*3*time.Millisecond, stage.Estimate(), "three rounds of three samples, twice")
	Run(context.Background(), []Stage{stage}, NewRecorder(r, nil, io.Discard))
	require.Len(t, r.Cells, 2*3)
	for _, c := range r.Cells {
		assert.Equal(t, record.Lateness, c.Kind)
		for _, unit := range []string{record.P50, record.P99, record.CPUOp, TaskRate} {
			require.Len(t, c.Values[unit], 2, unit)
			assert.Positive(t, c.Values[unit][0], unit)
		}
	}
}

// TestANeighbourThatFails is told once, and costs the others nothing.
func TestANeighbourThatFails(t *testing.T) {
	r := new(record.Record)
	bad := baseline.Contestant{Name: "bad", New: func() baseline.Pool { return new(tallyPool) }}
	n := Neighbour{Name: "beside-trouble", begin: func(p baseline.Pool, procs int) (func() (int, error), error) {
		if _, ok := p.(*tallyPool); ok {
			return nil, errors.New("no room")
		}
		return endlessChains(p, procs)
	}}
	stage := Stage{Rows: Beside(append(contest.Named("go"), bad), n), Procs: []int{1}, Count: 2, Longest: time.Millisecond}
	var shown bytes.Buffer
	Run(context.Background(), []Stage{stage}, NewRecorder(r, nil, &shown))
	assert.Equal(t, []string{"beside-trouble of bad"}, r.Failed)
	assert.Contains(t, shown.String(), "bench: beside-trouble of bad: no room\n")
	require.Len(t, r.Cells, 1)
	assert.Len(t, r.Cells[0].Values[record.P50], 2)
}
