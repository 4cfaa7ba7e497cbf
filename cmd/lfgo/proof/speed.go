package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"time"
)

// programDeps are the dependencies of testdata/programs that start goroutines.
const programDeps = "golang.org/x/net,golang.org/x/sync,google.golang.org/grpc,github.com/valyala/fasthttp,github.com/hashicorp/yamux"

// programs measures the benchmarks of testdata/programs, and what lfgo advise
// foretells of them, into PROGRAMS.md.
func programs(ctx context.Context, temp, lfgo string) error {
	dir := filepath.Join(temp, "programs")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(*where, "testdata", "programs"))); err != nil {
		return err
	}
	args := []string{"bench", "-foretell", "-deps=" + programDeps, fmt.Sprintf("-rounds=%d", *rounds), "-benchtime=" + *benchtime, "."}
	out, err := bench(ctx, lfgo, dir, filepath.Join(*where, "results", "programs.txt"), args)
	if err != nil {
		return err
	}
	text := `# Real programs: what advise foretells, and what bench measures

Servers on loopback and libraries in [testdata/programs](testdata/programs/programs_test.go), as they are and with the go statements of theirs and of their dependencies on lfpool: gRPC-Go with nested JSON, nothing, and SQL to parse; x/net/http2 with html/template and JSON; net/http with a handler that fans out by errgroup; a server that parses lines of SQL; fasthttp's call with a timeout; yamux streams. Rows that lfpool loses stand first. *Foretold* is the processor time over that of go by a CPU profile of the program as it is: at the costs that bench/results has measured, at best and at worst; *as foretold* says no more than that this range and the interval of what was measured meet. *Growing left* is the time in growing stacks that a profile of the pooled program has, over that of the program as it is, for as many repetitions.

` + heading("-programs", args) + "```\n" + out + "```\n"
	return os.WriteFile(filepath.Join(*where, "PROGRAMS.md"), []byte(text), 0o666)
}

// benchmarks measures the modules' own benchmarks into BENCH.md.
func benchmarks(ctx context.Context, temp, lfgo string) error {
	var b strings.Builder
	fmt.Fprint(&b, "# Benchmarks of public modules with their go statements on lfpool\n\nEach module's own, those that start goroutines. Rows that lfpool loses stand first.\n")
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	for _, m := range modules {
		if m.Bench == "" || !pattern.MatchString(m.name()) {
			continue
		}
		fmt.Fprintln(os.Stderr, "proof:", m.Path, m.Version)
		dir, err := m.fetch(ctx, temp)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		packages := m.BenchPackages
		if len(packages) == 0 {
			packages = []string{"."}
		}
		args := append([]string{"bench", "-bench=" + m.Bench, fmt.Sprintf("-rounds=%d", *rounds), "-benchtime=" + *benchtime}, packages...)
		out, err := bench(ctx, lfgo, dir, filepath.Join(*where, "results", m.fileName()+".bench.txt"), args)
		if err != nil {
			return fmt.Errorf("%s: %w", m.Path, err)
		}
		fmt.Fprintf(&b, "\n## %s %s\n\n%s```\n%s```\n", m.Path, m.Version, heading("-bench", args), out)
		if err := os.WriteFile(filepath.Join(*where, "BENCH.md"), []byte(b.String()), 0o666); err != nil {
			return err
		}
	}
	return nil
}

func bench(ctx context.Context, lfgo, dir, record string, args []string) (string, error) {
	record, err := filepath.Abs(record)
	if err != nil {
		return "", err
	}
	args = append([]string{args[0], "-o=" + record}, args[1:]...)
	cmd := exec.CommandContext(ctx, lfgo, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOWORK=")
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%w: %s", err, strings.TrimSpace(errs.String()))
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.Join(lines, "\n") + "\n", nil
}

// heading says how a table was made.
func heading(flag string, args []string) string {
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ = strings.Cut(string(text), " ")
	}
	return fmt.Sprintf("%s, load %s at the end, %s, lfpool at %s, %s. Written by `go run ./proof %s`: `lfgo %s`.\n\n",
		machine(), load, runtime.Version(), commit(), time.Now().UTC().Format("2006-01-02 15:04 UTC"), flag, strings.Join(args, " "))
}

func machine() string {
	name := ""
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if k, v, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(k) == "model name" {
				name = strings.TrimSpace(v) + ", "
				break
			}
		}
	}
	return fmt.Sprintf("%s%s/%s, %d processors", name, runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}

// commit is lfpool's, with a plus if something is not committed.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--abbrev=12", "--dirty=+", "--exclude=*").Output()
	if err != nil {
		return "no commit"
	}
	return strings.TrimSpace(string(out))
}
