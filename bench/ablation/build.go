package main

import (
	"bytes"
	"context"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/lfpool/lfpool/bench/internal/record"
	"github.com/lfpool/lfpool/internal/alter"
)

// prefix comes before a part's name in that of the contestant without it, and in
// that of the copy's module.
const prefix = "without-"

func (p part) module() string { return record.ModulePath + "-" + prefix + p.name }

// build makes a bench below dir which has, for each part, a contestant without
// it, and returns the program's path.
func build(ctx context.Context, dir string, ps []part) (program string, err error) {
	list := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", record.ModulePath)
	out, err := list.Output()
	if err != nil {
		return "", fmt.Errorf("%v: %w", list, err)
	}
	root := strings.TrimSpace(string(out))
	if err := alter.Copy(dir, root, leftOut("bench")); err != nil {
		return "", err
	}
	uses := []string{".", "./bench"}
	for _, p := range ps {
		if err := p.copyWithout(filepath.Join(dir, prefix+p.name), root); err != nil {
			return "", fmt.Errorf("%s: %w", p.name, err)
		}
		uses = append(uses, "./"+prefix+p.name)
	}
	if err := addContestants(dir, ps); err != nil {
		return "", err
	}
	work := fmt.Sprintf("go 1.26.0\n\nuse (\n\t%s\n)\n", strings.Join(uses, "\n\t"))
	if err := os.WriteFile(filepath.Join(dir, "go.work"), []byte(work), 0o644); err != nil {
		return "", err
	}
	program = filepath.Join(dir, "lfpool-bench")
	compile := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-o", program, "./bench")
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
func (p part) copyWithout(dir, root string) error {
	if err := alter.Copy(dir, root, leftOut()); err != nil {
		return err
	}
	for _, c := range p.changes {
		if err := c.Apply(dir); err != nil {
			return err
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
		return os.WriteFile(path, bytes.ReplaceAll(text, []byte(record.ModulePath), []byte(p.module())), 0o644)
	})
}

var contestants = template.Must(template.New("").Parse(`package contest

import (
	"github.com/lfpool/lfpool/internal/baseline"
{{range $i, $p := .}}	p{{$i}} "{{$p.Module}}/pool"
{{end}})

func init() {
	peers = append(peers,
{{range $i, $p := .}}	baseline.Contestant{Name: {{printf "%q" $p.Name}}, Doc: {{printf "%q" $p.Doc}}, New: func() baseline.Pool { return p{{$i}}.New() }},
{{end}})
}
`))

// addContestants adds the contestants to those of the bench below dir.
func addContestants(dir string, ps []part) error {
	type row struct{ Name, Module, Doc string }
	var rows []row
	for _, p := range ps {
		rows = append(rows, row{prefix + p.name, p.module(), "lfpool without this: " + p.doc})
	}
	var text bytes.Buffer
	if err := contestants.Execute(&text, rows); err != nil {
		return err
	}
	source, err := format.Source(text.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "bench", "internal", "contest", "without.go"), source, 0o644)
}
