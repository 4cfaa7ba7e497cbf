package measure

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/lfpool/lfpool/internal/binary"
)

func TestMain(m *testing.M) {
	binary.Production() // race builds keep their workers, which is what is measured
	child.Be()
	os.Exit(m.Run())
}

func chooseNames(filter string) map[string][]string {
	cs := []baseline.Contestant{{Name: "go"}, {Name: "lfpool"}, {Name: "other"}}
	ws := []load.Workload{{Name: "wait"}, {Name: "wait-deep"}, {Name: "json"}}
	names := map[string][]string{}
	for _, r := range Choose(regexp.MustCompile(filter), cs, ws).Rows {
		for _, c := range r.Contestants {
			names[r.Workload.Name] = append(names[r.Workload.Name], c.Name)
		}
	}
	return names
}

func TestChoose(t *testing.T) {
	all := []string{"go", "lfpool", "other"}
	assert.Equal(t, map[string][]string{"wait": all, "wait-deep": all, "json": all}, chooseNames(""))
	assert.Equal(t, map[string][]string{"wait": all}, chooseNames("/wait$"))
	assert.Equal(t, map[string][]string{"wait": {"go"}, "wait-deep": {"go"}, "json": {"go"}}, chooseNames("^go/"))
	assert.Equal(t, map[string][]string{"wait-deep": {"go", "lfpool"}}, chooseNames("^(go|lfpool)/.*-deep"))
	assert.Empty(t, chooseNames("^json/"))
}

func TestChooseLeavesOutContestantsWithoutWorkload(t *testing.T) {
	s := Choose(regexp.MustCompile("other/wait$|go/json"),
		[]baseline.Contestant{{Name: "go"}, {Name: "lfpool"}, {Name: "other"}},
		[]load.Workload{{Name: "wait"}, {Name: "json"}})
	assert.Len(t, s.Contestants, 2)
	assert.Equal(t, "go", s.Contestants[0].Name)
	assert.Equal(t, "other", s.Contestants[1].Name)
}

func TestSampleTime(t *testing.T) {
	r := Row{Contestants: make([]baseline.Contestant, 10)}
	// 10 contestants x (10 samples, a tenth before each, 1 for calibration)
	assert.Equal(t, 100*time.Millisecond, sampleTime(12*time.Second, 200*time.Millisecond, 10, []Row{r}))
	assert.Equal(t, 50*time.Millisecond, sampleTime(12*time.Second, 200*time.Millisecond, 10, []Row{r, r}))
	assert.Equal(t, 200*time.Millisecond, sampleTime(time.Hour, 200*time.Millisecond, 10, []Row{r}))
	assert.Equal(t, shortestSample, sampleTime(-time.Second, 200*time.Millisecond, 10, []Row{r}), "the budget is spent")
}

func TestEstimateIsTheBudgetOrLess(t *testing.T) {
	rows := []Row{{Contestants: make([]baseline.Contestant, 10)}}
	tasks := Tasks{Rows: rows, Procs: []int{1, 2}, Count: 10, Total: 12 * time.Second, Longest: time.Second}
	assert.Equal(t, 24*time.Second, tasks.Stage().Estimate)
	rows[0].Workload.Least = time.Second
	assert.Equal(t, 2*10*23*time.Second, tasks.Stage().Estimate, "ten samples, one iteration before each, and three to calibrate")
	rows[0].Workload.Least = 0
	tasks.Longest = 10 * time.Millisecond
	assert.Equal(t, 2*1200*time.Millisecond, tasks.Stage().Estimate)
	assert.Equal(t, 2, tasks.Stage().Steps)
}
