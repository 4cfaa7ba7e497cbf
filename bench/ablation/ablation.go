// Package ablation builds the bench with copies of the library beside it, each without one
// part, so that all of them are measured in one process: what a part costs, or earns.
package ablation

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/alter"
)

// A Part is something that the library can be built without, as long as nobody uses
// what it is for: the measured workloads have no limit, do not drain, and read no
// figures.
type Part struct {
	Name, Doc string
	patches   []string
}

// A patch is made by hand in a copy of the library: diff -r -U1 a b. The line before it
// says what is missing then.
//
//go:embed parts/*.patch
var files embed.FS

// Parts lists them by their files' names: first a control, then features, one by one
// and together, then steps that are there for speed.
var Parts = func() (all []Part) {
	all = append(all, Part{"nothing", "the control: the same text once more, so what it seems to cost is the error of the others", nil})
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
			all = append(all, Part{name, doc, []string{patch}})
			if kind == "feature" {
				features = append(features, patch)
			}
		}
		if kind == "feature" {
			all = append(all, Part{"features", "those above together", features})
		}
	}
	return all
}()

// Named returns the parts with these names, after the control.
func Named(names string) ([]Part, error) {
	chosen := []Part{Parts[0]}
	for name := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(Parts, func(p Part) bool { return p.Name == strings.TrimSpace(name) })
		if i < 0 {
			return nil, fmt.Errorf("there is no part %q: bench list shows them", name)
		}
		if i > 0 {
			chosen = append(chosen, Parts[i])
		}
	}
	return chosen, nil
}

// Contestant is the name of lfpool without the part.
func (p Part) Contestant() string { return contest.Without + p.Name }

// Module is that of the copy.
func (p Part) Module() string { return record.ModulePath + "-" + p.Contestant() }

// Build makes a bench below dir which has, for each part, a contestant without
// it, and returns the program's path.
func Build(ctx context.Context, dir string, ps []Part) (program string, err error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", record.ModulePath).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w", record.ModulePath, err)
	}
	root := strings.TrimSpace(string(out))
	if err := alter.Copy(dir, root, leftOut("bench")); err != nil {
		return "", err
	}
	work := "go 1.26.0\n\nuse .\nuse ./bench\n"
	for _, p := range ps {
		if err := p.copyWithout(ctx, filepath.Join(dir, p.Contestant()), root); err != nil {
			return "", fmt.Errorf("%s: %w", p.Name, err)
		}
		work += "use ./" + p.Contestant() + "\n"
	}
	var contestants bytes.Buffer
	if err := without.Execute(&contestants, ps); err != nil {
		return "", err
	}
	for file, text := range map[string]string{"go.work": work, "bench/internal/contest/without.go": contestants.String()} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	program = filepath.Join(dir, "lfpool-bench")
	compile := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-ldflags", "-X "+record.ModulePath+"/bench/internal/record.From="+record.SourceCommit(), "-o", program, "./bench")
	compile.Dir, compile.Env = dir, append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"), "GOFLAGS=")
	if out, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%v: %w\n%s", compile, err, out)
	}
	return program, nil
}

// leftOut says what no copy needs: tests, and all folders below the root that
// are not the library's packages nor in also.
func leftOut(also ...string) func(string, fs.DirEntry) bool {
	kept := append([]string{"internal", "padded", "lfqueue", "idle", "pool"}, also...)
	return func(below string, d fs.DirEntry) bool {
		if d.IsDir() {
			return alter.IsHidden(d) || !strings.Contains(below, string(filepath.Separator)) && !slices.Contains(kept, below) || below == filepath.Join("bench", "results")
		}
		return strings.HasSuffix(below, "_test.go")
	}
}

// copyWithout copies the library to dir, without the part, as a module with
// another name.
func (p Part) copyWithout(ctx context.Context, dir, root string) error {
	if err := alter.Copy(dir, root, leftOut()); err != nil {
		return err
	}
	for _, patch := range p.patches {
		apply := exec.CommandContext(ctx, "git", "apply", "--unidiff-zero", "-")
		apply.Dir, apply.Stdin = dir, strings.NewReader(patch)
		apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir)) // it is in no repository
		if out, err := apply.CombinedOutput(); err != nil {
			return fmt.Errorf("git apply: %w\n%s", err, out)
		}
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" && d.Name() != "go.mod" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, bytes.ReplaceAll(text, []byte(record.ModulePath), []byte(p.Module())), 0o644)
	})
}

// without adds the contestants to those of the bench.
var without = template.Must(template.New("").Parse(`package contest

import (
	"github.com/lfpool/lfpool/internal/baseline"
{{range $i, $p := .}}	p{{$i}} "{{$p.Module}}/pool"
{{end}})

func init() {
	peers = append(peers,
{{range $i, $p := .}}	baseline.Contestant{Name: {{printf "%q" $p.Contestant}}, Doc: {{printf "lfpool without this: %s" $p.Doc | printf "%q"}}, New: func() baseline.Pool { return p{{$i}}.New() }},
{{end}})
}
`))
