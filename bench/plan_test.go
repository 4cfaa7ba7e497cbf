package main

import (
	"regexp"
	"testing"
	"time"

	"github.com/lfpool/lfpool/internal/baseline"
	"github.com/stretchr/testify/assert"
)

func chooseNames(filter string) map[string][]string {
	cs := []baseline.Contestant{{Name: "go"}, {Name: "lfpool"}, {Name: "other"}}
	ws := []workload{{name: "wait"}, {name: "wait-deep"}, {name: "json"}}
	names := map[string][]string{}
	for _, r := range choose(regexp.MustCompile(filter), cs, ws).rows {
		for _, c := range r.contestants {
			names[r.workload.name] = append(names[r.workload.name], c.Name)
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
	s := choose(regexp.MustCompile("other/wait$|go/json"),
		[]baseline.Contestant{{Name: "go"}, {Name: "lfpool"}, {Name: "other"}},
		[]workload{{name: "wait"}, {name: "json"}})
	assert.Len(t, s.contestants, 2)
	assert.Equal(t, "go", s.contestants[0].Name)
	assert.Equal(t, "other", s.contestants[1].Name)
}

func TestSampleTime(t *testing.T) {
	r := row{contestants: make([]baseline.Contestant, 10)}
	p := plan{count: 10, budget: budget{total: time.Minute, longest: 200 * time.Millisecond}}
	// 10 contestants x (10 samples, a tenth before each, 1 for calibration)
	assert.Equal(t, 100*time.Millisecond, p.sampleTime(12*time.Second, []row{r}))
	assert.Equal(t, 50*time.Millisecond, p.sampleTime(12*time.Second, []row{r, r}))
	assert.Equal(t, 200*time.Millisecond, p.sampleTime(time.Hour, []row{r}))
	assert.Equal(t, shortestSample, p.sampleTime(-time.Second, []row{r}), "the budget is spent")
}

// TestDetailsAreContestants: a name that is left out of default runs exists.
func TestDetailsAreContestants(t *testing.T) {
	all := contestants()
	assert.Len(t, withoutDetails(all), len(all)-len(details))
}
