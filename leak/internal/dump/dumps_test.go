package dump_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// told is a finding as a person would tell it.
type told struct {
	pattern string // "" is: no known pattern
	entry   string // of the first role
	counts  []int
	each    int
	per     int
	text    string // is in the finding's text
}

// TestPublicDumps: what leak finds in dumps of testdata/dumps, whose README.md
// has the sources.
func TestPublicDumps(t *testing.T) {
	const etcdWatch = "go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.(*watchServer).Watch.func2"
	all := dump.Options{Min: 1, Gain: 1}
	for _, c := range []struct {
		files       string
		options     dump.Options
		format      dump.Format
		findings    []told
		explained   int
		unexplained int
	}{
		{"go-22773.txt", dump.Options{}, dump.Debug1, []told{
			{"HTTP client, response bodies never closed", "net/http.(*persistConn).writeLoop", []int{1735}, 866, 2, "about 866 x 2, 1735 goroutines"},
		}, 1735, 0},
		{"kubernetes-35207.txt", dump.Options{}, dump.Debug1, []told{
			{"HTTP server, connections left open", "net/http.(*conn).serve", []int{2132}, 2132, 1, "at net/http.(*http2serverConn).serve h2_bundle.go:3163"},
		}, 2132, 0},
		{"kubernetes-57992.txt", dump.Options{}, dump.Debug1, []told{
			{"missing Done", "github.com/docker/spdystream.(*Connection).Serve.func1", []int{2020}, 1010, 2, "1010 x 2 = 2020 goroutines"},
		}, 2020, 0},
		{"etcd-18704-43832.txt", dump.Options{}, dump.Debug1, []told{
			{"", etcdWatch, []int{43832}, 43832, 1, "at go.etcd.io/etcd/server/v3/etcdserver/api/v3rpc.(*serverWatchStream).recvLoop watch.go:348"},
		}, 0, 43832},
		{"etcd-18704-43832.txt etcd-18704-43836.txt", dump.Options{}, dump.Debug1, nil, 0, 0},
		{"etcd-18704-43832.txt etcd-18704-43836.txt", dump.Options{Gain: 4}, dump.Debug1, []told{
			{"", etcdWatch, []int{43832, 43836}, 43836, 1, "no known pattern: 43836 goroutines, +4 (43832, 43836)"},
		}, 0, 43836},
		{"containerd-9217.txt", all, dump.Debug2, []told{
			{"lock never released", "github.com/containerd/containerd/sys/reaper.(*Monitor).notify.func1", []int{2}, 2, 1, "sync.Mutex.Lock, for 6 to 7 minutes"},
		}, 2, 0},
		{"containerd-1724.txt", all, dump.Debug2, []told{
			{"", "main.handleSignals.func1", []int{1}, 1, 1, "running"},
			{"channel that nobody closes", "main.main", []int{1}, 1, 1, "chan receive, for 600 minutes"},
		}, 1, 1},
		{"moby-25321.txt", dump.Options{}, dump.Debug2, nil, 0, 0},
		{"docker-for-linux-543.txt", all, dump.Debug2, []told{
			{"lock never released", "github.com/docker/docker/daemon.(*Daemon).execCommandGC", []int{1}, 1, 1, "sync.RWMutex.RLock, for 5611 minutes"},
		}, 1, 0},
		{"prometheus-2362.txt", all, dump.Debug2, []told{
			{"missing Done", "github.com/prometheus/prometheus/retrieval.(*TargetManager).Run", []int{1}, 1, 1, "sync.WaitGroup.Wait, for 6786 minutes"},
		}, 1, 0},
		{"prometheus-6196.txt", dump.Options{Min: 2}, dump.Debug2, []told{
			{"forgotten cancel", "github.com/prometheus/prometheus/scrape.(*scrapeLoop).run", []int{7}, 7, 1, "created by github.com/prometheus/prometheus/scrape.(*scrapePool).sync"},
		}, 7, 0},
		{"git-hound-73.txt", all, dump.Debug2, []told{
			{"unread channel", "example.com/hunter/internal/app.(*WorkerPool).Start.func1.1", []int{1}, 1, 1, "at example.com/hunter/internal/app.(*WorkerPool).Submit worker_pool.go:77"},
			{"unread channel", "main.main", []int{1}, 1, 1, "chan send, for 1 minute\n"},
		}, 2, 0},
		{"dockerize-2.txt", all, dump.Debug2, []told{
			{"missing Done", "main.main", []int{1}, 1, 1, "1 goroutine\n      1  main.main dockerize.go:93"},
			{"", "runfinq", []int{1}, 1, 1, "finalizer wait"},
		}, 1, 1},
	} {
		t.Run(c.files, func(t *testing.T) {
			var profiles []*dump.Profile
			for _, file := range strings.Fields(c.files) {
				data, err := os.ReadFile(filepath.Join("testdata/dumps", file))
				require.NoError(t, err)
				p := parse(t, data)
				assert.Equal(t, c.format, p.Format)
				profiles = append(profiles, p)
			}
			r := dump.Explain(c.options, profiles...)
			whole := text(t, r)
			require.Len(t, r.Findings, len(c.findings), whole)
			for i, want := range c.findings {
				f := r.Findings[i]
				got := told{entry: f.Roles[0].Entry, counts: f.Counts, each: f.Each, per: f.Per, text: want.text}
				if f.Pattern != nil {
					got.pattern = f.Pattern.Name
				}
				assert.Equal(t, want, got)
				assert.Contains(t, whole, want.text)
			}
			assert.Equal(t, c.explained, r.Explained)
			assert.Equal(t, c.unexplained, r.Unexplained)
		})
	}
}

// TestDumpsHaveSources: README.md names each file, and there is no other.
func TestDumpsHaveSources(t *testing.T) {
	readme, err := os.ReadFile("testdata/dumps/README.md")
	require.NoError(t, err)
	test, err := os.ReadFile("dumps_test.go")
	require.NoError(t, err)
	files, err := filepath.Glob("testdata/dumps/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		assert.Contains(t, string(readme), filepath.Base(file))
		assert.Contains(t, string(test), filepath.Base(file))
	}
}
