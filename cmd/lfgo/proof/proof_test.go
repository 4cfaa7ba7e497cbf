package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const output = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"run","Package":"p","Test":"TestB"}
{"Action":"run","Package":"p","Test":"TestB/sub"}
{"Action":"fail","Package":"p","Test":"TestB/sub"}
{"Action":"fail","Package":"p","Test":"TestB"}
not JSON
{"Action":"run","Package":"p","Test":"TestC"}
{"Action":"output","Package":"p","Test":"TestC","Output":"panic: boom\n"}
{"Action":"output","Package":"p","Test":"TestC","Output":"ordinary\n"}
{"Action":"skip","Package":"p","Test":"TestD"}
{"Action":"fail","Package":"p"}
{"ImportPath":"q [q.test]","Action":"build-output","Output":"# q\n"}
{"ImportPath":"q [q.test]","Action":"build-output","Output":"link: out of memory\n"}
{"Action":"output","Package":"q","Output":"FAIL\tq [build failed]\n"}
`

func TestOutcomes(t *testing.T) {
	found, why := readOutcomes(strings.NewReader(output))
	assert.Equal(t, Outcomes{"p TestA": "pass", "p TestB": "fail", "p TestB/sub": "fail", "p TestC": "unfinished", "p TestD": "skip", "p ": "fail"}, found)
	assert.Equal(t, []string{"p: panic: boom", "q [q.test]: link: out of memory", "q: FAIL\tq [build failed]"}, why)
	assert.Equal(t, 1, found.count("pass"))
	assert.Equal(t, 2, found.count("fail"), "without the package")
}

func TestDifferences(t *testing.T) {
	before := Outcomes{"p A": "pass", "p A/x": "pass", "p A/x/1": "pass", "p B": "pass", "p C": "fail", "p D": "fail", "p E": "pass", "p F": "pass", "p F/seed=1": "pass", "p G": "pass", "p G/x": "pass", "p/q Test": "fail", "p/q Test/x": "fail", "p/q Test/y": "pass"}
	after := Outcomes{"p A": "fail", "p A/x": "fail", "p A/x/1": "pass", "p B": "pass", "p C": "pass", "p D": "unfinished", "p F": "pass", "p F/seed=2": "pass", "p G": "fail", "p ": "fail", "p/q Test": "fail", "p/q Test/x": "fail", "p/q Test/y": "fail"}
	assert.Equal(t, []Difference{
		{Test: "p A/x", Before: "pass", After: "fail"},
		{Test: "p C", Before: "fail", After: "pass"},
		{Test: "p E", Before: "pass", After: "not run"},
		{Test: "p G/x", Before: "pass", After: "not run"},
		{Test: "p/q Test/y", Before: "pass", After: "fail"},
	}, differences(before, after))
}

func TestPattern(t *testing.T) {
	assert.Equal(t, "^Test$", pattern("Test"))
	assert.Equal(t, `^Test$/^a\.b$`, pattern("Test/a.b"))
}

func TestCountsOfSummary(t *testing.T) {
	r := new(Record)
	require.NoError(t, r.counts("lfgo: 9 of 10 go statements in 4 packages are calls of lfpool.Go; left as they are: 1 (it lives for ever)\nmore"))
	assert.Equal(t, Record{Rewritten: 9, Statements: 10, Left: "1 (it lives for ever)"}, *r)
	assert.EqualError(t, r.counts("lfgo: no go statements found\nx"), "lfgo test says: lfgo: no go statements found")
}

func TestTableTellsOfEachDifference(t *testing.T) {
	r := &Record{Module: modules[0], Rewritten: 1, Statements: 2, Plain: Pair{Before: 7, After: 6, RanBefore: 8, RanAfter: 8}, Differences: []Difference{
		{Test: "p TestFlaky", Before: "pass", After: "fail", FailedBefore: 2, FailedAfter: 1, Again: 5},
		{Test: "p TestAlone", Before: "pass", After: "fail", Again: 5, Race: true},
		{Test: "p TestOurs", Before: "pass", After: "fail", FailedAfter: 5, Again: 5},
		{Test: "p TestSeen", Before: "pass", After: "fail", FailedAfter: 1, Again: 5, Seen: "flaky in its suite"},
		{Test: "p TestTheirs", Before: "fail", After: "pass"},
		{Test: "p TestBoth", Before: "fail", After: "pass", FailedBefore: 2, Again: 5},
		{Test: "p TestBoth", Before: "pass", After: "fail", FailedAfter: 1, Again: 5, Race: true},
	}}
	text := tableText(map[string]*Record{r.name(): r})
	for _, part := range []string{
		"| 1 of 2 | none | 7 / 6 | not run | 7 |",
		"`TestFlaky`: pass before, fail after: flaky: alone it fails 2 of 5 times before, 1 after",
		"`TestAlone`, -race: pass before, fail after: passes alone, 5 of 5 times",
		"`TestOurs`: pass before, fail after: **not explained**: alone it fails 5 of 5 times after",
		"`TestSeen`: pass before, fail after: flaky in its suite",
		"`TestTheirs`: fail before, pass after: fails before, too",
		"`TestBoth`, -race: pass before, fail after: flaky: alone it fails 1 of 5 times after, and 2 of 5 before without -race",
		"Not run yet: ",
	} {
		assert.Contains(t, text, part)
	}
}
