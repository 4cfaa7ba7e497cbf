package main

import (
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"
)

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
		{"a task queue that loses a task", loseTask, []string{"ran 0 times", "tasks had ended"}},
		{"a task queue that has a task twice", doubleTask, []string{"starts for the 2. time"}},
		{"an idle queue that drops a worker", dropWorker, []string{"at rest Stats says", "ran 0 times"}},
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

func TestFlags(t *testing.T) {
	for _, args := range []string{"-for 0s", "-for -1m", "-for soon", "-seed x", "-nonsense", "extra"} {
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
