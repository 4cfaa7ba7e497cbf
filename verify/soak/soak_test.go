package main

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/internal/binary"
)

// TestMain makes the test's binary the program when it is run as the child. The
// pools have real workers, in race builds too.
func TestMain(m *testing.M) {
	binary.Production()
	if os.Getenv(childMark) != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestTwoSeconds(t *testing.T) {
	var log strings.Builder
	if status := run(context.Background(), []string{"-for", "2s", "-seed", "1"}, &log); status != 0 {
		t.Fatalf("status %d:\n%s", status, &log)
	}
	for _, want := range []string{"seed 1,", "rounds", "goroutines now"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in:\n%s", want, &log)
		}
	}
	t.Log(log.String())
}

// TestFaultsAreNoticed: a soak that has not caught anything proves nothing.
func TestFaultsAreNoticed(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault fault
		says  []string // one of these: what is noticed first depends on the pool
	}{
		{"a task queue that loses a task", loseTask, []string{"ran 0 times", "had ended"}},
		{"a task queue that has a task twice", doubleTask, []string{"starts for the 2. time"}},
		{"an idle queue that drops a worker", dropWorker, []string{"at rest Stats says", "ran 0 times", "a pool at rest is not drained"}},
		{"a limit with a place too many", extraPlace, []string{"run at a time where"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			s := &soak{seed: 1, log: io.Discard, patience: 2 * time.Second, fault: c.fault}
			err := s.run(ctx)
			if err == nil || !slices.ContainsFunc(c.says, func(s string) bool { return strings.Contains(err.Error(), s) }) {
				t.Fatalf("not noticed, or not as it should be: %v (%s)", err, s.summary())
			}
			t.Logf("%s: %v", s.summary(), err)
		})
	}
}

// TestBrokenProcessIsNoticed: the seed is told, and the status is 1, whatever ends
// the process that does the rounds.
func TestBrokenProcessIsNoticed(t *testing.T) {
	defer func(d time.Duration) { silence = d }(silence)
	for fault, says := range map[string]string{
		"crash":       "it crashed",
		"freeze":      "it hangs",
		"extra-place": "see above",
	} {
		silence = 2 * soon
		if fault == "freeze" {
			silence = 2 * time.Second
		}
		var log strings.Builder
		status := run(t.Context(), []string{"-for", "20s", "-seed", "17", "-fault", fault}, &log)
		assert.Equal(t, 1, status, fault)
		assert.Contains(t, log.String(), "WRONG, seed 17: "+says, fault)
	}
}

// TestEveryOptionIsDrawn: each option that package pool has is given to some pool.
func TestEveryOptionIsDrawn(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "pool", "*.go"))
	require.NoError(t, err)
	var names []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv != nil || f.Type.Results == nil || len(f.Type.Results.List) != 1 || strings.HasSuffix(file, "_test.go") {
				continue
			}
			if of, ok := f.Type.Results.List[0].Type.(*ast.Ident); ok && of.Name == "Option" {
				names = append(names, f.Name.Name)
			}
		}
	}
	require.Contains(t, names, "WithLimit")
	rng := rand.New(rand.NewPCG(1, 1))
	var drawn strings.Builder
	for range 500 {
		drawn.WriteString(newSubject(rng, sound, true).options)
	}
	for _, name := range names {
		assert.Contains(t, drawn.String(), ", "+name+" ", "no pool has the option")
	}
	for _, r := range retentions {
		assert.Contains(t, drawn.String(), ", WithRetention "+r.name)
	}
}

func TestFlags(t *testing.T) {
	for _, args := range []string{"-for 0s", "-for -1m", "-for soon", "-seed x", "-fault none", "-nonsense", "extra"} {
		if status := run(context.Background(), strings.Fields(args), io.Discard); status != 2 {
			t.Errorf("soak %s: status %d, want 2", args, status)
		}
	}
	if status := run(context.Background(), []string{"-h"}, io.Discard); status != 0 {
		t.Errorf("soak -h: status %d", status)
	}
}

// TestInterrupt: Ctrl-C, which is the end of the context, ends it soon and well.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	var log strings.Builder
	started := time.Now()
	if status := run(ctx, []string{"-for", "1h"}, &log); status != 0 {
		t.Fatalf("status %d:\n%s", status, &log)
	}
	if took := time.Since(started); took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}
