// Package child runs parts of a measurement in processes of their own: this
// program, started again in a role.
package child

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
)

// variable holds the role in a child's environment.
const variable = "LFPOOL_BENCH_ROLE"

// A Role is what a child does: it reads from in, writes to out, and ends when
// it is done or in is closed.
type Role func(args []string, in io.Reader, out io.Writer) error

var roles = map[string]Role{}

// Register names a role. It is for init functions.
func Register(name string, r Role) { roles[name] = r }

// Be plays the role that this process was started in, if any, and then exits.
// main and TestMain call it first.
func Be() {
	name, isChild := os.LookupEnv(variable)
	if !isChild {
		return
	}
	r, ok := roles[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "bench: no role %q\n", name)
		os.Exit(2)
	}
	if err := r(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "bench: %s: %v\n", name, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Command prepares a child in a role, with this process's GOMAXPROCS. It is
// killed when ctx is cancelled.
func Command(ctx context.Context, role string, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...)
	cmd.Env = append(os.Environ(), variable+"="+role, fmt.Sprintf("GOMAXPROCS=%d", runtime.GOMAXPROCS(0)))
	cmd.Stderr = os.Stderr
	return cmd, nil
}
