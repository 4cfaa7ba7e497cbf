package dump_test

import (
	"context"
	"encoding/json"
	"os"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

const wholeText = `before.txt: 36 goroutines (debug=2)
   debug=2 has no count: if it was cut between two goroutines, some are missing
   lfpool: reapers 1, workers busy 0 (counted as their tasks), parked 31, for 2 to 5 minutes
   parked workers that nobody needs go within 1.25 idle timeouts; with idle.Never they stay until Drain
after.txt: 265 goroutines (debug=2)
   lfpool: reapers 1, workers busy 30 (counted as their tasks), parked 1
   parked workers that nobody needs go within 1.25 idle timeouts; with idle.Never they stay until Drain

1. silent peer: about 100 x 2, 201 goroutines, +201 (0, 201)
    101  main.write
         at example.com/x/queue.(*Queue).Take queue.go:7
         created by main.serve
         sync.Cond.Wait
    100  main.read main.go:40
         created by main.serve
         IO wait 99, runnable 1, for 3 to 90 minutes
   why:  the other side neither sends nor closes, and nothing limits the wait
   cure: SetReadDeadline and SetWriteDeadline; TCP keepalive; close the connection when its owner ends

2. no known pattern: 30 goroutines, +30 (0, 30)
     30  main.job main.go:60
         on workers of lfpool
         running
         labels path=/x

Explained: 203 of 265 goroutines (76.6 %). With no known pattern: 30. The others:
     12  main.a (sleep)
      9  main.b (sleep)
      1  main.c (sleep)
      1  main.d (sleep)
      1  main.e (sleep)
      1  main.f (sleep)
      1  main.g (sleep)
      1  main.h (sleep)
      1  main.i (sleep)
      1  main.j (sleep)
   and 3 roles more
`

// TestText shows all that a report can have. The profiles are not read but
// made, for no program stands still like this.
func TestText(t *testing.T) {
	worker := dump.Stack{
		{Func: "github.com/lfpool/lfpool/pool.(*Worker).park"},
		{Func: "github.com/lfpool/lfpool/pool.(*Pool).run"},
	}
	reaper := dump.Group{Count: 1, Stack: dump.Stack{{Func: "time.Sleep"}, {Func: "github.com/lfpool/lfpool/idle.(*Reaper).Run"}}}
	serve := dump.Frame{Func: "main.serve"}
	main := dump.Group{Count: 1, Stack: dump.Stack{{Func: "main.main"}}, Waits: dump.Tally{"": 1}}
	before := &dump.Profile{Name: "before.txt", Format: dump.Debug2, Total: 36, Groups: []dump.Group{{Count: 31, Stack: worker, Age: dump.Age{Min: 2, Max: 5}}, reaper, main}}
	after := &dump.Profile{Name: "after.txt", Format: dump.Debug2, Total: 265, Whole: true, Groups: []dump.Group{
		{Count: 101, Creator: serve, Waits: dump.Tally{"sync.Cond.Wait": 101}, Stack: dump.Stack{
			{Func: "sync.(*Cond).Wait", File: "/go/sync/cond.go", Line: 70},
			{Func: "example.com/x/queue.(*Queue).Take", File: "/x/queue/queue.go", Line: 7},
			{Func: "main.write", File: "/main.go", Line: 50},
		}},
		{Count: 99, Creator: serve, Waits: dump.Tally{"IO wait": 99}, Age: dump.Age{Min: 3, Max: 90}, Stack: dump.Stack{{Func: "main.read", File: "/main.go", Line: 40}}},
		{Count: 30, Waits: dump.Tally{"running": 30}, Labels: map[string]string{"path": "/x"},
			Stack: dump.Stack{{Func: "main.job", File: "/main.go", Line: 60}, worker[1]}},
		{Count: 1, Creator: serve, Waits: dump.Tally{"runnable": 1}, Age: dump.Age{Min: 4, Max: 4}, Stack: dump.Stack{{Func: "main.read", File: "/main.go", Line: 41}}},
		{Count: 1, Stack: worker}, reaper, main,
	}}
	for i, n := range []int{12, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1} {
		f := "main." + string(rune('a'+i))
		sleeper := dump.Group{Count: n, Waits: dump.Tally{"sleep": n}, Stack: dump.Stack{{Func: "time.Sleep"}, {Func: f}}}
		after.Groups = append(after.Groups, sleeper)
		if i == 0 {
			sleeper.Count = 3
			before.Groups = append(before.Groups, sleeper)
		}
	}
	r := dump.Explain(dump.Options{}, before, after)
	var b strings.Builder
	require.NoError(t, r.WriteText(&b))
	assert.Equal(t, wholeText, b.String())
}

// TestAgeText: a range only where there is one.
func TestAgeText(t *testing.T) {
	for age, want := range map[dump.Age]string{
		{}:               "sleep",
		{Min: 9, Max: 9}: "sleep, for 9 minutes",
		{Min: 1, Max: 1}: "sleep, for 1 minute",
		{Min: 0, Max: 1}: "sleep, for up to 1 minute",
		{Min: 0, Max: 7}: "sleep, for up to 7 minutes",
		{Min: 3, Max: 9}: "sleep, for 3 to 9 minutes",
	} {
		p := &dump.Profile{Format: dump.Debug2, Whole: true, Total: 1, Groups: []dump.Group{
			{Count: 1, Waits: dump.Tally{"sleep": 1}, Age: age, Stack: dump.Stack{{Func: "main.f", File: "/a.go", Line: 1}}},
		}}
		assert.Contains(t, text(t, dump.Explain(dump.Options{Min: 1}, p)), "1 goroutine\n      1  main.f a.go:1\n         "+want+"\n")
	}
}

// TestOrder: the same goroutines give the same report, whatever the order in
// which a profile has them.
func TestOrder(t *testing.T) {
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("a", "1", "b", "2", "c", "3"))
	start(t, waitForChannel, keepalive, bystander, func(stop chan struct{}) {
		pprof.SetGoroutineLabels(ctx)
		<-stop
	})
	data := string(written(t, dump.Debug1))
	var want string
	for range 20 {
		r := dump.Explain(dump.Options{Min: 1}, parse(t, []byte(data)))
		out, err := json.Marshal(r)
		require.NoError(t, err)
		if want == "" {
			want = string(out)
		}
		require.Equal(t, want, string(out))
		head, rest, _ := strings.Cut(data, "\n")
		records := strings.SplitAfter(strings.TrimSuffix(rest, "\n\n"), "\n\n")
		last := len(records) - 1
		data = head + "\n" + records[last] + "\n\n" + strings.Join(records[:last], "")
	}
}

// TestReadmeExample: the Go code in README.md is in Example, which is compiled
// and run.
func TestReadmeExample(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	code, err := os.ReadFile("../../example_test.go")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(readme), "```go\n")
	require.True(t, found)
	block, _, found = strings.Cut(block, "```")
	require.True(t, found)
	example := string(code)
	for line := range strings.Lines(block) {
		_, example, found = strings.Cut(example, "\t"+line)
		require.True(t, found, line)
	}
}
