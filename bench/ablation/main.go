// Ablation measures what the parts of lfpool cost, or earn: it builds the bench
// with copies of the library beside it, each without one part, and measures all
// of them in one process.
//
//	go run ./bench/ablation                            # all parts; says how long it takes
//	go run ./bench/ablation -list
//	go run ./bench/ablation -parts figures,notices -run '^wait$' -count 20
//	go run ./bench/ablation -show bench/results/2026-11-21-ablation.txt
//
// The table has nanoseconds a task: lfpool less the copy, so above 0 is what the
// part costs on that workload, and below 0 what it earns. Every sample goes to
// the files of -o, as with the bench.
package main

import (
	"context"
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/page"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// workloads are those where a few nanoseconds a task can be seen: tasks one by
// one, in bursts, and from many producers.
const workloads = "^(wait|burst100|burst10k|parallel)$"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "ablation:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	chosen := parts
	fs := flag.NewFlagSet("ablation", flag.ContinueOnError)
	fs.SetOutput(stderr)
	list := fs.Bool("list", false, "list the parts and measure nothing")
	only := fs.String("run", workloads, "only workloads that match `regexp`")
	count := fs.Int("count", 20, "take `n` samples of each")
	output := fs.String("o", "lfpool-ablation.txt", "write every sample to `file`, and a page with plots beside it")
	shown := fs.String("show", "", "measure nothing: print the table of a `record` (.txt)")
	fs.Func("parts", "leave out these alone: `names`; the control comes along", func(v string) (err error) {
		chosen, err = named(v)
		return err
	})
	if err := fs.Parse(args); err != nil {
		return err
	}
	switch {
	case fs.NArg() > 0:
		return fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case !strings.HasSuffix(*output, ".txt"):
		return fmt.Errorf("-o %q: want a name that ends in .txt", *output)
	}
	if *list {
		for _, p := range chosen {
			fmt.Fprintf(stdout, "%-12s %s\n", p.Name, p.Doc)
		}
		return nil
	}
	if *shown != "" {
		return show(*shown, chosen, stdout)
	}
	dir, err := os.MkdirTemp("", "ablation")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	bench, err := build(ctx, dir, chosen)
	if err != nil {
		return err
	}
	// Without ctx: an interrupt from the terminal reaches it too, and it writes
	// what it has.
	measure := exec.Command(bench, "-run", fmt.Sprintf("^(go|lfpool|%s.*)/%s", prefix, strings.TrimPrefix(*only, "^")), "-count", strconv.Itoa(*count), "-o", *output)
	measure.Stderr = stderr
	measured := measure.Run()
	return errors.Join(measured, show(*output, chosen, stdout))
}

// show prints the table of what the record in file has of the chosen parts.
func show(file string, chosen []part, w io.Writer) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	r, err := record.Read(text)
	if err != nil {
		return err
	}
	costs(r, chosen).Text(w)
	return nil
}

// A part is something that the library can be built without, as long as nobody uses
// what it is for: the measured workloads have no limit, do not drain, and read no
// figures.
type part struct {
	Name, Doc string
	patches   []string
}

// A patch is made by hand in a copy of the library: diff -r -U1 a b. The line before it
// says what is missing then.
//
//go:embed parts/*.patch
var files embed.FS

// parts lists them by their files' names: first a control, then features, one by one
// and together, then steps that are there for speed.
var parts = func() (all []part) {
	all = append(all, part{"nothing", "the control: the same text once more, so what it seems to cost is the error of the others", nil})
	var features []string
	for _, kind := range []string{"feature", "step"} {
		found, err := fs.Glob(files, "parts/"+kind+"-*.patch")
		if err != nil {
			panic(err) // the pattern is bad
		}
		for _, file := range found {
			text, err := files.ReadFile(file)
			if err != nil {
				panic(err) // embedded files can be read
			}
			doc, patch, _ := strings.Cut(string(text), "\n\n")
			name := strings.TrimSuffix(strings.SplitN(path.Base(file), "-", 3)[2], ".patch")
			all = append(all, part{name, doc, []string{patch}})
			if kind == "feature" {
				features = append(features, patch)
			}
		}
		if kind == "feature" {
			all = append(all, part{"features", "those above together", features})
		}
	}
	return all
}()

// named returns the parts with these names, after the control.
func named(names string) ([]part, error) {
	chosen := []part{parts[0]}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(parts, func(p part) bool { return p.Name == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q: see -list", name)
		}
		if i > 0 {
			chosen = append(chosen, parts[i])
		}
	}
	return chosen, nil
}

// costs is the table of what each part costs on each workload.
func costs(r *record.Record, chosen []part) page.Table {
	t := page.Table{Title: "What each part costs: ns a task, lfpool less lfpool without it, medians of the rounds with 95 % intervals", Head: []string{"without"}}
	groups := r.Groups(record.Tasks)
	for _, g := range groups {
		t.Head = append(t.Head, g.Name)
	}
	rows := [][]string{{"(lfpool itself)"}}
	for _, g := range groups {
		m, _ := r.Median(g.Of(contest.Subject), record.NsOp)
		rows[0] = append(rows[0], fmt.Sprintf("%.1f", m.Center))
	}
	for _, p := range chosen {
		if !slices.ContainsFunc(groups, func(g record.Key) bool { return r.Cell(g.Of(p.Contestant())) != nil }) {
			continue // not among the chosen then
		}
		row := []string{p.Name}
		for _, g := range groups {
			d, ok := r.Difference(g.Of(contest.Subject), g.Of(p.Contestant()), record.NsOp)
			if !ok {
				row = append(row, "-")
				continue
			}
			cell := fmt.Sprintf("%+.1f", d.Center)
			if !math.IsInf(d.Hi, 0) { // there are enough samples
				cell += fmt.Sprintf(" [%+.1f, %+.1f]", d.Lo, d.Hi)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	t.Rows = rows
	t.Notes = []string{fmt.Sprintf("%s. %s", r.Host.Line(), r.Noise), "The control, nothing, shows what the place of code and data in memory does: smaller figures mean nothing."}
	return t
}
