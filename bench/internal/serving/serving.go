package serving

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"runtime"
	"time"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// Servers measures servers.
type Servers struct {
	Filter *regexp.Regexp // matched against contestant/server
	Count  int            // rounds, after one that is not counted
	Sample time.Duration  // for which the client asks
}

// Stage is the stage that takes the samples.
func (s Servers) Stage() measure.Stage {
	stage := measure.Stage{Name: "servers", Run: s.run}
	for _, k := range Kinds {
		if n := len(s.chosen(k)); n > 0 {
			stage.Steps++
			stage.Estimate += time.Duration(n*(s.Count+1)) * s.Sample
		}
	}
	return stage
}

func (s Servers) chosen(k Kind) []string {
	var names []string
	for _, c := range k.contestants {
		if s.Filter.MatchString(c + "/" + k.Name) {
			names = append(names, c)
		}
	}
	return names
}

func (s Servers) run(ctx context.Context, rec *measure.Recorder) {
	server, err := employ(ctx, "server")
	if err != nil {
		rec.Failed("servers", err)
		return
	}
	defer server.dismiss()
	client, err := employ(ctx, "client")
	if err != nil {
		rec.Failed("servers", err)
		return
	}
	defer client.dismiss()
	for _, k := range Kinds {
		names := s.chosen(k)
		if len(names) == 0 || ctx.Err() != nil {
			continue
		}
		rec.Step(k.Name)
		for round := range s.Count + 1 {
			for _, i := range rand.Perm(len(names)) {
				if ctx.Err() != nil {
					return
				}
				values, n, err := sample(server, client, k.Name, names[i], s.Sample)
				if err != nil {
					if ctx.Err() == nil {
						rec.Failed(k.Name+" with "+names[i], err)
					}
					return
				}
				if round > 0 {
					key := record.Key{Kind: record.Servers, Name: k.Name, Procs: runtime.GOMAXPROCS(0), Contestant: names[i]}
					rec.Add(key, round-1, n, values)
				}
			}
			rec.Round()
		}
		rec.Done()
	}
}

// sample has the client ask one server for a while.
func sample(server, client *worker, kind, contestant string, d time.Duration) (map[string]float64, int, error) {
	before, err := server.do(order{Kind: kind, Contestant: contestant})
	if err != nil {
		return nil, 0, err
	}
	got, err := client.do(order{Kind: kind, Addr: before.Addr, Nanos: d.Nanoseconds()})
	if err != nil {
		return nil, 0, err
	}
	after, err := server.do(order{Kind: kind, Contestant: contestant})
	if err != nil {
		return nil, 0, err
	}
	return map[string]float64{
		record.Rate:          float64(got.N) / (float64(got.Nanos) / 1e9),
		record.P50:           got.P50,
		record.P99:           got.P99,
		record.CPUPerRequest: float64(after.CPU-before.CPU) / float64(got.N),
	}, got.N, nil
}

// A worker is a process that carries out orders.
type worker struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	orders  *json.Encoder
	replies *json.Decoder
}

func employ(ctx context.Context, role string) (*worker, error) {
	cmd, err := child.Command(ctx, role)
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &worker{cmd, in, json.NewEncoder(in), json.NewDecoder(out)}, nil
}

func (w *worker) do(o order) (r reply, err error) {
	if err := w.orders.Encode(o); err != nil {
		return r, fmt.Errorf("order: %w", err)
	}
	if err := w.replies.Decode(&r); err != nil {
		return r, fmt.Errorf("reply: %w", err)
	}
	if r.Error != "" {
		return r, errors.New(r.Error)
	}
	return r, nil
}

// dismiss ends the process by closing its input. How it ends does not matter.
func (w *worker) dismiss() {
	_ = w.in.Close()
	_ = w.cmd.Wait()
}
