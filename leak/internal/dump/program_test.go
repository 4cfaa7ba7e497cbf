package dump_test

import (
	"bytes"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// The tests are programs that leak, and read their own profile.

// many is how many goroutines a program here leaks: more than minShared, and
// no other number in the process.
const many = 23

// debugOf is the argument that makes pprof write a format.
var debugOf = map[dump.Format]int{dump.Protobuf: 0, dump.Debug1: 1, dump.Debug2: 2}

// written returns this process's goroutine profile.
func written(t testing.TB, f dump.Format) []byte {
	var b bytes.Buffer
	require.NoError(t, pprof.Lookup("goroutine").WriteTo(&b, debugOf[f]))
	return b.Bytes()
}

func parse(t testing.TB, data []byte) *dump.Profile {
	p, err := dump.Parse(bytes.NewReader(data))
	require.NoError(t, err)
	return p
}

// await takes profiles until ok likes one.
func await(t testing.TB, f dump.Format, ok func(*dump.Profile) bool) *dump.Profile {
	for deadline := time.Now().Add(20 * time.Second); ; {
		data := written(t, f)
		if p := parse(t, data); ok(p) {
			return p
		}
		require.True(t, time.Now().Before(deadline), "the goroutines did not come to this; last profile:\n%s", data)
	}
}

// role returns the role in p of which the entry ends with suffix; its count is
// 0 if there is none.
func role(p *dump.Profile, suffix string) *dump.Role {
	roles := dump.Compare(p)
	if i := slices.IndexFunc(roles, func(r dump.Role) bool { return strings.HasSuffix(r.Entry, suffix) }); i >= 0 {
		return &roles[i]
	}
	return &dump.Role{Counts: []int{0}}
}

// start runs fs many times each. They must end when stop is closed, which the
// end of the test does.
func start(t testing.TB, fs ...func(stop chan struct{})) {
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, f := range fs {
		for range many {
			wg.Add(1)
			go func() {
				defer wg.Done()
				f(stop)
			}()
		}
	}
	t.Cleanup(func() {
		close(stop)
		wg.Wait()
	})
}
