package main

import (
	"context"
	"fmt"
	"os"
	"strings"
)

func overview() string {
	var b strings.Builder
	fmt.Fprint(&b, "lfgo tries lfpool on your program, without touching a line of it.\n\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "    lfgo %-7s %-32s %s\n", c.name, c.args, c.about)
	}
	fmt.Fprint(&b, "\nlfgo help COMMAND says more about one.\n")
	return b.String()
}

const rewriting = `
A goroutine that a pool cannot help stays with go: one that lives for ever (a
loop without an exit, an accept loop, a server), one that locks its thread. So do
go statements in files that import "C" and in the packages that lfpool needs.

Flags of lfgo, anywhere among those of the go command:

    -deps PATTERN  rewrite these dependencies, too: module paths with commas
                   between them, where ... stands for anything
    -leave FILE    leave the go statements that FILE shows to live long, a
                   goroutine dump (/debug/pprof/goroutine?debug=2)
    -why           name each go statement that stays, with the reason
    -lfpool DIR    the lfpool to use: a checkout
`

var helpOf = map[string]string{
	"test": `lfgo test [flags] [packages]

Runs go test with the go statements of your module as calls of lfpool.Go. Flags
and packages are those of go test.

    lfgo test ./...
    lfgo test -race -run Server -deps google.golang.org/grpc ./...
` + rewriting,
	"run": `lfgo run [flags] package [arguments]

Runs a program with its go statements as calls of lfpool.Go. Flags, the package
and its arguments are those of go run.

    lfgo run ./cmd/server -port 8080
` + rewriting,
	"bench": `lfgo bench [flags] [packages]

Runs the benchmarks of the packages as they are and with the go statements as
calls of lfpool.Go, each in a process of its own, in turn, round by round, and
compares as benchstat does. Rows that lfpool loses stand first. Besides what the
benchmarks report it compares processor time (cpu-sec/op) and the most memory
that the process had (peak-B).

    lfgo bench -bench . ./...
    lfgo bench -bench Server -rounds 20 -benchtime 1s -o results.txt ./server

    -bench RE      which benchmarks (all)
    -rounds N      pairs of runs a benchmark (10)
    -benchtime T   how long a run is to take (200ms)
    -o FILE        write all results to FILE; benchstat -col goroutines reads it
    -foretell      profile each benchmark as it is first, and show what lfgo advise
                   foretells beside what is measured
` + rewriting,
	"advise": `lfgo advise [-html FILE] cpu.pprof [goroutine.txt] [trace.out]

Says from a CPU profile of your program as it is how much of the processor time
goes into growing stacks and into starting and ending goroutines, by the function
that goroutines start with; the most that a pool could save; and what lfpool
would, from its measured costs, at worst and at best. Under 1 % it says: leave it.

A goroutine dump (/debug/pprof/goroutine?debug=2) tells more go statements by
name. An execution trace tells how long goroutines live, how long they wait to
start, and how many of them could have had the stack of an earlier one.

    go test -bench . -cpuprofile cpu.pprof && lfgo advise cpu.pprof
    curl -o cpu.pprof localhost:6060/debug/pprof/profile?seconds=30
    lfgo advise -html advice.html cpu.pprof

    -html FILE     write a page with a picture, too
`,
	"fix": `lfgo fix -all | -profile cpu.pprof [flags] [packages]

Changes your source: go statements become calls of lfpool.Go, and the package is
imported. With -profile only those for which lfgo advise finds a pool worth it.
Goroutines that live for ever or lock their thread, and generated files, stay.

    lfgo fix -profile cpu.pprof ./...
    lfgo fix -all -n ./server

    -n             only name the files that would change
    -tests         change tests, too
    -tags LIST     build tags

go vet -vettool=$(which lfgo) ./... reports the same, and suggests the same; the
analyzer is github.com/lfpool/lfpool/cmd/lfgo/analyzer, for other drivers.
`,
	"help": "lfgo help [command]\n\nSays what lfgo does, or what one of its commands does.\n",
}

func runHelp(_ context.Context, args []string) error {
	if len(args) == 0 {
		fmt.Print(overview())
		return nil
	}
	text, ok := helpOf[args[0]]
	if !ok {
		return fmt.Errorf("there is no command %s: lfgo help lists them", args[0])
	}
	fmt.Fprint(os.Stdout, text)
	return nil
}
