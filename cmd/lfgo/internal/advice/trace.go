package advice

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/exp/trace"
)

// Lives is what an execution trace shows of the goroutines of a go statement.
type Lives struct {
	At, Root string
	Started  int
	Ended    int
	Peak     int           // alive at once, at most
	Lifetime Spread        // of those that were seen to start and end
	Latency  Spread        // from the go statement until the goroutine first runs
	Running  time.Duration // processor time of all, without system calls
}

// Reused is the part of the goroutines that could have had the stack of one that
// had ended before.
func (l Lives) Reused() float64 {
	if l.Started == 0 {
		return 0
	}
	return 1 - float64(l.Peak)/float64(l.Started)
}

// Spread is a median and a 99th percentile.
type Spread struct{ P50, P99 time.Duration }

func spread(values []time.Duration) Spread {
	if len(values) == 0 {
		return Spread{}
	}
	slices.Sort(values)
	return Spread{values[len(values)/2], values[min(len(values)-1, len(values)*99/100)]}
}

// life is a goroutine on its way.
type life struct {
	of          *statement
	made, since trace.Time // since: when it last began to run
	runs, ran   bool
}

type statement struct {
	Lives
	alive     int
	lifetimes []time.Duration
	latencies []time.Duration
}

// FromTrace reads an execution trace, and returns the go statements in it, those
// that started most goroutines first.
func FromTrace(data []byte) ([]Lives, error) {
	reader, err := trace.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("not an execution trace: " + err.Error())
	}
	statements, goroutines := map[string]*statement{}, map[trace.GoID]*life{}
	for {
		event, err := reader.ReadEvent()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("the execution trace is broken: %w", err)
		}
		if event.Kind() != trace.EventStateTransition {
			continue
		}
		t := event.StateTransition()
		if t.Resource.Kind != trace.ResourceGoroutine {
			continue
		}
		from, to := t.Goroutine()
		id := t.Resource.Goroutine()
		if from == trace.GoNotExist && to == trace.GoRunnable {
			at, root := creation(event.Stack(), t.Stack)
			if at == "" {
				continue
			}
			s := statements[at]
			if s == nil {
				s = &statement{Lives: Lives{At: at, Root: root}}
				statements[at] = s
			}
			s.Started++
			s.alive++
			s.Peak = max(s.Peak, s.alive)
			goroutines[id] = &life{of: s, made: event.Time()}
			continue
		}
		if l := goroutines[id]; l != nil && l.step(from, to, event.Time()) {
			delete(goroutines, id)
		}
	}
	var all []Lives
	for _, s := range statements {
		s.Lifetime, s.Latency = spread(s.lifetimes), spread(s.latencies)
		all = append(all, s.Lives)
	}
	slices.SortFunc(all, func(a, b Lives) int {
		return cmp.Or(cmp.Compare(b.Started, a.Started), strings.Compare(a.At, b.At))
	})
	return all, nil
}

// step takes a goroutine to another state, and reports whether it has ended.
func (l *life) step(from, to trace.GoState, now trace.Time) bool {
	if from == trace.GoRunning && l.runs {
		l.of.Running += now.Sub(l.since)
		l.runs = false
	}
	switch to {
	case trace.GoRunning:
		if !l.ran {
			l.of.latencies = append(l.of.latencies, now.Sub(l.made))
		}
		l.ran, l.runs, l.since = true, true, now
	case trace.GoNotExist:
		l.of.Ended++
		l.of.alive--
		l.of.lifetimes = append(l.of.lifetimes, now.Sub(l.made))
		return true
	}
	return false
}

// creation returns the place of the go statement, and the function it starts.
func creation(creator, created trace.Stack) (at, root string) {
	for f := range created.Frames() {
		root = f.Func
	}
	for f := range creator.Frames() {
		if strings.HasPrefix(f.Func, "runtime.") {
			continue
		}
		return fmt.Sprintf("%s:%d", f.File, f.Line), root
	}
	return "", root
}

// AddLives takes the go statements of a trace, for rows that have none yet.
func (a *Advice) AddLives(lives []Lives) {
	at := map[string]string{}
	for _, l := range lives {
		at[l.Root] = l.At
	}
	a.place(at)
}
