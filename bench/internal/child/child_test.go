package child

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	Register("shout", func(args []string, in io.Reader, out io.Writer) error {
		text, err := io.ReadAll(in)
		if err != nil {
			return err
		}
		if len(text) == 0 {
			return errors.New("nothing to shout")
		}
		if string(text) == "procs" {
			_, err = io.WriteString(out, strconv.Itoa(runtime.GOMAXPROCS(0)))
			return err
		}
		_, err = io.WriteString(out, strings.ToUpper(string(text))+strings.Join(args, "+"))
		return err
	})
	Be()
	os.Exit(m.Run())
}

func TestRoleIsPlayedInAProcessOfItsOwn(t *testing.T) {
	cmd, err := Command(context.Background(), "shout", "a", "b")
	require.NoError(t, err)
	cmd.Stdin = strings.NewReader("hello ")
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, "HELLO a+b", string(out))
	assert.NotEqual(t, os.Getpid(), cmd.Process.Pid)
}

func TestChildHasOurProcs(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(3))
	cmd, err := Command(context.Background(), "shout")
	require.NoError(t, err)
	cmd.Stdin = strings.NewReader("procs")
	out, err := cmd.Output()
	require.NoError(t, err)
	assert.Equal(t, "3", string(out))
}

func TestFailuresShow(t *testing.T) {
	for role, want := range map[string]struct {
		code int
		text string
	}{"shout": {1, "bench: shout: nothing to shout"}, "whisper": {2, `bench: no role "whisper"`}} {
		cmd, err := Command(context.Background(), role)
		require.NoError(t, err)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		var exit *exec.ExitError
		require.ErrorAs(t, cmd.Run(), &exit, role)
		assert.Equal(t, want.code, exit.ExitCode(), role)
		assert.Contains(t, stderr.String(), want.text)
	}
}

func TestCancelEndsTheChild(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cmd, err := Command(ctx, "shout")
	require.NoError(t, err)
	in, err := cmd.StdinPipe() // stays open, so that the child waits
	require.NoError(t, err)
	defer in.Close()
	require.NoError(t, cmd.Start())
	cancel()
	assert.Error(t, cmd.Wait())
}
