package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"go/format"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"golang.org/x/tools/go/analysis"

	"github.com/lfpool/lfpool/cmd/lfgo/analyzer"
	"github.com/lfpool/lfpool/cmd/lfgo/rewrite"
)

// runFix changes the source: it applies what the analyzer suggests.
func runFix(ctx context.Context, line []string) error {
	flags := flag.NewFlagSet("fix", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	all := flags.Bool("all", false, "")
	profile := flags.String("profile", "", "")
	dry := flags.Bool("n", false, "")
	tests := flags.Bool("tests", false, "")
	tags := flags.String("tags", "", "")
	if err := flags.Parse(line); err != nil {
		return err
	}
	switch {
	case *all && *profile != "":
		return errors.New("fix with -all, or with -profile, not both")
	case !*all && *profile == "":
		return errors.New("fix which go statements? Those that a CPU profile finds worth it, with -profile cpu.pprof, or -all")
	case *profile != "":
		if err := analyzer.SetProfile(*profile); err != nil {
			return err
		}
	}
	patterns := flags.Args()
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	config := packages.Config{Context: ctx, Mode: packages.LoadSyntax | packages.NeedModule, Tests: *tests}
	if *tags != "" {
		config.BuildFlags = []string{"-tags=" + *tags}
	}
	loaded, err := packages.Load(&config, patterns...)
	if err != nil {
		return oneLine(err)
	}
	for _, p := range loaded {
		for _, e := range p.Errors {
			return errors.New("the build fails, so nothing is changed: " + strings.TrimSpace(e.Error()))
		}
	}
	graph, err := checker.Analyze([]*analysis.Analyzer{analyzer.Analyzer}, loaded, nil)
	if err != nil {
		return err
	}
	fixed, count, err := fixes(graph)
	if err != nil {
		return err
	}
	if count == 0 {
		return errors.New("nothing to change: no go statement that a pool may help")
	}
	var names []string
	for name := range fixed {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Println(name)
		if *dry {
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(name, fixed[name], info.Mode().Perm()); err != nil {
			return err
		}
	}
	done := "are calls of lfpool.Go now"
	if *dry {
		done = "would be calls of lfpool.Go"
	}
	fmt.Fprintf(os.Stderr, "lfgo: %d go statements in %d files %s; go get %s adds the module\n", count, len(names), done, rewrite.PoolPath)
	return nil
}

// fixes returns the new source of each file that the analyzer suggests to change.
func fixes(graph *checker.Graph) (fixed map[string][]byte, count int, err error) {
	edits := map[string][]rewrite.Edit{}
	seen := map[string]bool{}
	for action := range graph.All() {
		if !action.IsRoot {
			continue
		}
		if action.Err != nil {
			return nil, 0, action.Err
		}
		for _, d := range action.Diagnostics {
			at := action.Package.Fset.PositionFor(d.Pos, false)
			if seen[at.String()] {
				continue // in the package and in the same with its tests
			}
			seen[at.String()] = true
			count++
			for _, e := range d.SuggestedFixes[0].TextEdits {
				file := action.Package.Fset.File(e.Pos)
				edit := rewrite.Edit{Start: file.Offset(e.Pos), End: file.Offset(e.End), New: string(e.NewText)}
				if !slices.Contains(edits[at.Filename], edit) { // the import is in each
					edits[at.Filename] = append(edits[at.Filename], edit)
				}
			}
		}
	}
	fixed = map[string][]byte{}
	for name, list := range edits {
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, 0, err
		}
		if fixed[name], err = format.Source(rewrite.Apply(source, list)); err != nil {
			return nil, 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	return fixed, count, nil
}

// oneLine is the first line of an error of the go command.
func oneLine(err error) error {
	text := strings.TrimPrefix(strings.TrimSpace(err.Error()), "err: exit status 1: stderr: ")
	line, _, _ := strings.Cut(text, "\n")
	return errors.New(line)
}
