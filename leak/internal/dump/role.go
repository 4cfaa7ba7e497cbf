package dump

import (
	"cmp"
	"slices"
	"strings"
)

// Role is the goroutines that run one function and were created by one
// function, wherever they stand: the reader of a connection is a reader
// whether it reads or handles what it has read.
type Role struct {
	// Entry is the function that the goroutines run. Where a library runs other
	// people's functions (errgroup, the handlers of net/http and gRPC, lfpool)
	// it is theirs.
	Entry string `json:"entry"`
	// Creator is the function with the go statement, "" if not told.
	Creator string `json:"creator,omitempty"`
	// Worker says what the goroutines are to lfpool.
	Worker Worker `json:"worker,omitempty"`
	// Counts has the number of goroutines in each profile.
	Counts []int `json:"counts"`
	// Stack, Waits, Labels ("key=value") and Age are those of the last profile
	// that has the role. Stack is the most frequent one.
	Stack  Stack `json:"stack"`
	Waits  Tally `json:"waits"`
	Labels Tally `json:"labels,omitempty"`
	Age    Age   `json:"age,omitzero"`
	// Leaked is how many are leaked in that profile: see Group.Leaked.
	Leaked int `json:"leaked,omitempty"`

	ids, parents set
	common       int // how many goroutines have Stack
}

// Count returns the number of goroutines in the last profile.
func (r Role) Count() int { return r.Counts[len(r.Counts)-1] }

// Gain returns by how many goroutines the last profile has more than the
// first.
func (r Role) Gain() int { return r.Count() - r.Counts[0] }

// Steady reports whether the role has grown from profile to profile: see
// [Set.Steady].
func (r Role) Steady() bool { return steady(r.Counts) }

// Compare groups the goroutines of profiles, given in the order in which they
// were taken, by role. The role that has gained most comes first, those that
// grow steadily before those that do not; where there is no gain, so with one
// profile, the largest.
//
// If not all profiles tell creators, the roles do not tell them apart.
func Compare(profiles ...*Profile) []Role {
	type key struct {
		entry, creator string
		worker         Worker
	}
	creators := !slices.ContainsFunc(profiles, func(p *Profile) bool { return p.Format != Debug2 })
	var all []*Role
	byKey := map[key]*Role{}
	name := oneName(profiles)
	for i, p := range profiles {
		fresh := map[*Role]bool{}
		for _, g := range p.Groups {
			entry, worker := entryOf(g.Stack)
			k := key{entry: name(p.Format, entry), worker: worker}
			if creators && worker == NoWorker {
				k.creator = g.Creator.Func // a worker's is whoever needed one more then
			}
			r := byKey[k]
			if r == nil {
				r = &Role{Entry: k.entry, Creator: k.creator, Worker: k.worker, Counts: make([]int, len(profiles))}
				byKey[k] = r
				all = append(all, r)
			}
			if !fresh[r] {
				fresh[r] = true
				r.Waits, r.Labels, r.Age, r.Leaked = Tally{}, Tally{}, g.Age, 0
				r.ids, r.parents, r.common = set{}, set{}, 0
			}
			r.merge(&g, i)
		}
	}
	roles := make([]Role, len(all))
	for i, r := range all {
		roles[i] = *r
	}
	slices.SortFunc(roles, func(a, b Role) int {
		return cmp.Or(
			byGrowth(a.Counts, b.Counts),
			cmp.Compare(a.Entry, b.Entry), cmp.Compare(a.Creator, b.Creator), cmp.Compare(a.Worker, b.Worker),
		)
	})
	return roles
}

// merge adds a group of profile i.
func (r *Role) merge(g *Group, i int) {
	r.Counts[i] += g.Count
	if g.Count > r.common { // groups come in a fixed order, so the first among equals is fixed
		r.common, r.Stack = g.Count, g.Stack
	}
	r.Waits.add(g.Waits)
	for key, value := range g.Labels {
		r.Labels[key+"="+value] += g.Count
	}
	r.Age = r.Age.or(g.Age)
	r.Leaked += g.Leaked
	for id := range g.ids {
		r.ids[id] = struct{}{}
	}
	if r.Worker == NoWorker {
		for id := range g.parents {
			r.parents[id] = struct{}{}
		}
	}
}

// wait returns what most goroutines of the role wait for.
func (r *Role) wait() string {
	if names := r.Waits.Names(); len(names) > 0 {
		return names[0]
	}
	return ""
}

// Worker is what a goroutine is to lfpool.
type Worker string

const (
	NoWorker Worker = ""
	Busy     Worker = "busy"   // a worker that runs a task
	Parked   Worker = "parked" // a worker without a task
	Reaper   Worker = "reaper" // ends the workers that nobody needs; one for each pool that has workers
)

// Idle reports whether the goroutine is lfpool's own and runs no task.
func (w Worker) Idle() bool { return w == Parked || w == Reaper }

const (
	workerRun = "github.com/lfpool/lfpool/pool.(*start).work"
	olderRun  = "github.com/lfpool/lfpool/pool.(*Pool).run" // of versions before
	reaperRun = "github.com/lfpool/lfpool/idle.(*Reaper).Run"
)

// lfpoolPackages has the packages that a worker's stack may show though it has
// no task: it looks for one.
var lfpoolPackages = []string{
	"github.com/lfpool/lfpool",
	"github.com/lfpool/lfpool/idle",
	"github.com/lfpool/lfpool/internal/atomic",
	"github.com/lfpool/lfpool/lfqueue",
	"github.com/lfpool/lfpool/padded",
	"github.com/lfpool/lfpool/pool",
	"github.com/puzpuzpuz/xsync/v3",
	"sync/atomic",
}

// carriers are functions that run other people's: what is told of a goroutine
// is the first function that they call outside the given packages, and those
// of the runtime (runtime/pprof's Do, say).
var carriers = []struct {
	function string
	packages []string
}{
	{workerRun, lfpoolPackages},
	{olderRun, lfpoolPackages},
	{"golang.org/x/sync/errgroup.(*Group).Go.func1", []string{"golang.org/x/sync/errgroup"}},
	{"google.golang.org/grpc.(*Server).handleStream", []string{"google.golang.org/grpc"}},
	{"net/http.serverHandler.ServeHTTP", []string{"net/http"}},
	{"sync.(*WaitGroup).Go.func1", []string{"sync"}},
}

// entryOf returns the function that tells what a goroutine is for.
func entryOf(s Stack) (string, Worker) {
	root := s[len(s)-1].Func
	switch {
	case root == reaperRun:
		return root, Reaper
	case root == workerRun || root == olderRun:
		if task := carried(s); task != "" {
			return task, Busy
		}
		return root, Parked
	}
	return cmp.Or(carried(s), root), NoWorker
}

// carried returns the function that a carrier in s runs, "" if there is no
// carrier, or none that runs anything.
func carried(s Stack) string {
	for i, f := range slices.Backward(s) {
		for _, c := range carriers {
			if f.Func != c.function {
				continue
			}
			for _, f := range slices.Backward(s[:i]) {
				p := f.Package()
				if !slices.Contains(c.packages, p) && !inRuntime(f.Func) && !strings.HasPrefix(p, "runtime/") {
					return f.Func
				}
			}
		}
	}
	return ""
}
