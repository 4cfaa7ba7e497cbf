// Package ablation builds the bench with the library lacking one part, for each part: what
// it costs, or earns.
package ablation

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/record"
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
	all = append(all, Part{"nothing", "the control: the same text in another layout, so what it seems to cost is the error of the others", nil})
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

// Contestant is the name of lfpool without the part.
func (p Part) Contestant() string { return contest.Without + p.Name }

var changed = regexp.MustCompile(`(?m)^\+\+\+ b/(\S+)$`)

// place is the folder of the programs, once there is one.
var place string

// Remove removes all that was built.
func Remove() error { return os.RemoveAll(place) }

// Build builds the bench with the library lacking the part, and returns the program's path.
// Functions are laid out in an order of seed's, so that the control differs from the others
// in what it must: what the place of code in memory does. One is built at a time.
func (p Part) Build(seed int) (program string, err error) {
	if place == "" {
		if place, err = os.MkdirTemp("", "lfpool-ablation"); err != nil {
			return "", err
		}
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", record.ModulePath).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w", record.ModulePath, err)
	}
	root, dir := strings.TrimSpace(string(out)), filepath.Join(place, p.Name)
	var overlay struct{ Replace map[string]string } // as go build -overlay reads it
	overlay.Replace = map[string]string{}
	for _, patch := range p.patches {
		for _, file := range changed.FindAllStringSubmatch(patch, -1) {
			from, to := filepath.Join(root, file[1]), filepath.Join(dir, file[1])
			if overlay.Replace[from] != "" {
				continue // another patch has changed it already
			}
			text, err := os.ReadFile(from)
			if err := errors.Join(err, os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, text, 0o644)); err != nil {
				return "", err
			}
			overlay.Replace[from] = to
		}
		apply := exec.Command("git", "apply", "--unidiff-zero", "-")
		apply.Dir, apply.Stdin = dir, strings.NewReader(patch)
		apply.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir)) // it is in no repository
		if out, err := apply.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: git apply: %w\n%s", p.Name, err, out)
		}
	}
	text, err := json.Marshal(overlay)
	program = filepath.Join(dir, "bench")
	if err := errors.Join(err, os.MkdirAll(dir, 0o755), os.WriteFile(program+".json", text, 0o644)); err != nil {
		return "", err
	}
	compile := exec.Command("go", "build", "-buildvcs=false", "-overlay", program+".json", "-ldflags", fmt.Sprintf("-randlayout=%d", seed), "-o", program, record.ModulePath+"/bench")
	if out, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %v: %w\n%s", p.Name, compile, err, out)
	}
	return program, nil
}
