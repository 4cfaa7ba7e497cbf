package spin

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What a run looks for; anything else is the name of an ltl formula, which is
// checked under weak fairness.
const (
	safety   = ""          // assertions, and processes that wait for ever
	lockFree = "lock-free" // a cycle: processes that go on for ever and complete nothing
)

// A run is one search of a model.
type run struct {
	model, bound string
	look         string
	bug          string // seeded
	finds        string // what Spin must report; "" if the model must hold
	slow         bool   // left out with -short
	long         bool   // only with -long
}

var long = flag.Bool("long", false, "also the searches that take minutes, or more than half a gigabyte")

var runs = []run{
	{model: "ms", bound: "PRODUCERS=2 PUTS=2 CONSUMERS=2 TAKES=2"},
	{model: "ms", bound: "PRODUCERS=2 PUTS=2 CONSUMERS=1 TAKES=2 LOOKS=2"},
	{model: "ms", bound: "PRODUCERS=2 PUTS=2 CONSUMERS=1 TAKES=2", look: lockFree},
	{model: "ms", bug: "LINK_BY_STORE", finds: "(n==h)"},
	{model: "ms", bug: "HEAD_BY_STORE", finds: "(q_len(ghost)>0)"},
	{model: "ms", bug: "TAIL_BY_STORE", finds: "(tail==h)"},
	{model: "ms", bug: "DEQUEUE_NO_HELP", finds: "(place[tail]>=place[n])"},
	{model: "ms", bug: "EMPTY_BY_TAIL", finds: "(q_len(ghost)==0)"},
	{model: "ms", bug: "VALUE_FIRST", finds: "!(cleared[n])"},
	{model: "ms", look: lockFree, bug: "ENQUEUE_NO_HELP", finds: "non-progress cycle"},

	// Beside six operations of another process, seven counts are as good as any
	// number: there are no more states with sixteen. Five are too few.
	{model: "counted", bound: "OPS1=3 OPS2=3"},
	{model: "counted", bound: "OPS1=2 OPS2=1 OPS3=1"},
	{model: "counted", bound: "OPS1=2 OPS2=2 PREFILL=1 LOOKS=1"},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=2", slow: true},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", look: lockFree},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=1 TAGS=16"},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=1 TAGS=7"},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=1 TAGS=6"},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=1", bug: "TAGS=5", finds: "(q_len(ghost)==0)&&((tail&15)==h)"},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=1", bug: "TAGS=4", finds: "state[(t&15)]==2"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1 TAGS=4"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "TAGS=3", finds: "(q_len(ghost)==0)&&((tail&15)==h)"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "TAGS=1", finds: "state[(t&15)]==2"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "HEAD_NO_COUNT", finds: "(x==0)"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "TAIL_NO_COUNT", finds: "state[(t&15)]==2"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "NEXT_NO_COUNT", finds: "state[(t&15)]==2"},
	{model: "counted", bound: "OPS1=1 OPS2=6 PREFILL=2", bug: "FREE_NO_COUNT", finds: "(state[h]==0)&&(i<used)"},
	{model: "counted", bound: "OPS1=1 OPS2=4", bug: "REUSE_NO_COUNT", finds: "(q_len(ghost)==0)&&((tail&15)==h)"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "NO_SECOND_HEAD", finds: "(x==0)"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "NO_SECOND_TAIL", finds: "state[(t&15)]==2"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "DEQUEUE_NO_HELP", finds: "(tail&15)!=(h&15)"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "FREE_NEW_DUMMY", finds: "(q_len(ghost)==0)&&((tail&15)==h)"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", bug: "VALUE_LATE", finds: "(x==top)"},
	{model: "counted", bound: "OPS1=2 OPS2=2 PREFILL=1 LOOKS=1", bug: "EMPTY_NO_SECOND_HEAD", finds: "dry"},
	{model: "counted", bound: "OPS1=1 OPS2=4 PREFILL=1", look: lockFree, bug: "ENQUEUE_NO_HELP", finds: "non-progress cycle"},

	{model: "seg", bound: "PRODUCERS=1 PUTS=4 CONSUMERS=1 TAKES=3"},
	{model: "seg", bound: "PRODUCERS=1 PUTS=3 CONSUMERS=2 TAKES=2", slow: true},
	{model: "seg", bound: "PRODUCERS=2 PUTS=1 CONSUMERS=2 TAKES=1"},
	{model: "seg", bound: "PRODUCERS=2 PUTS=2 CONSUMERS=1 TAKES=2", slow: true},
	{model: "seg", bound: "PRODUCERS=2 PUTS=1 CONSUMERS=1 TAKES=2", look: lockFree},
	{model: "seg", bound: "PUTS=1", bug: "POISON_BY_STORE", finds: "gone=="},
	{model: "seg", bound: "PUTS=1", bug: "FILL_BY_STORE", finds: "gone=="},
	{model: "seg", bound: "PUTS=1", bug: "LINK_BY_STORE", finds: "(n<=tail)"},
	{model: "seg", bound: "PUTS=1 CONSUMERS=2 TAKES=1", bug: "HEAD_BY_STORE", finds: "(head<n)"},
	{model: "seg", bound: "PRODUCERS=1 PUTS=4 TAKES=3", bug: "NO_LIFE", finds: "gone&"},
	{model: "seg", bound: "PUTS=2 TAKES=2", bug: "UNDRAINED", finds: "sawEmpty", slow: true},
	{model: "seg", bound: "PUTS=2 TAKES=2", bug: "DONE_FIRST", finds: "gone==", slow: true},
	{model: "seg", bound: "PUTS=1", bug: "LINK_UNFILLED", finds: "sawEmpty"},
	{model: "seg", bound: "PUTS=1", bug: "DEQUEUE_NO_HELP", finds: "(n<=tail)"},
	{model: "seg", bound: "PUTS=1", bug: "DRY_NO_NEXT", finds: "sawEmpty"},
	{model: "seg", bound: "PUTS=1", bug: "FIXED_POINTS", finds: "(n==value[c])"},
	{model: "seg", bound: "PUTS=1", look: lockFree, bug: "ENQUEUE_NO_HELP", finds: "non-progress cycle"},

	{model: "pool", bound: "SUBMITTERS=1 TASKS=2"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 BLOCK"},
	{model: "pool", bound: "SUBMITTERS=2 TASKS=1", slow: true},
	{model: "pool", bound: "SUBMITTERS=2 TASKS=1 BLOCK"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", slow: true},
	// Without ticks, so that no task is helped by the reaper's look.
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 NO_TICK"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 BLOCK NO_TICK"},
	{model: "pool", bound: "SUBMITTERS=2 TASKS=1 NO_TICK"},
	{model: "pool", bound: "SUBMITTERS=2 TASKS=1 BLOCK NO_TICK"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_TICK"},
	{model: "pool", bound: "SUBMITTERS=2 TASKS=1 LIMIT=1 NO_TICK"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=3 BLOCK NO_TICK", slow: true},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=3 LIMIT=2 NO_TICK", long: true},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=3 NO_TICK", long: true},

	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "RETIRE_UNOWNED", finds: "(owner[w]==201)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "SLOT_BY_STORE", finds: "(owner[w]==200)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "NO_SUCCESSOR", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "LOOK_FIRST", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "NO_WAKEONE", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 BLOCK", bug: "DUTY_KEPT", finds: "startedAll"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "DUTY_LATE", finds: "(search==0)"},
	{model: "pool", bound: "SUBMITTERS=2 TASKS=1", bug: "NO_CAS", finds: "(searchers==1)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "NO_PASS_BEFORE_PARK", finds: "(search==0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "EXIT_BY_STORE", finds: "(alive==0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "GOEXIT_UNCOUNTED", finds: "(alive==0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2", bug: "LAST_KEPT", finds: "(alive==0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "NO_SECOND_TRY", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "LEAVE_NO_SETTLE", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "LOOK_WITH_DUTY", finds: "(searchers==1)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "OWE_IN_TWO", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "SETTLE_BLIND", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "DEBT_KEPT", finds: "(lookers>0)"},
	// With these the pool comes to rest as it should, thanks to the reaper.
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "DEMOTE_NO_SETTLE", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1", bug: "PARK_NO_SETTLE", finds: "(lookers>0)"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 UNWATCHED DEMOTE_NO_SETTLE", long: true},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 UNWATCHED PARK_NO_SETTLE", long: true},
	// What the invariants find first shows at rest as well.
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 UNWATCHED", bug: "RETIRE_UNOWNED", finds: "startedAll"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 UNWATCHED", bug: "NO_SUCCESSOR", finds: "startedAll"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 UNWATCHED", bug: "NO_SECOND_TRY", finds: "startedAll"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 UNWATCHED", bug: "LEAVE_NO_SETTLE", finds: "startedAll"},
	{model: "pool", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_TICK UNWATCHED", bug: "PARK_NO_SETTLE", finds: "startedAll"},

	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END LINGER_ON PARTS=1", slow: true},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END NO_LINGER PARTS=1"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END", bug: "NO_SUCCESSOR", finds: "acceptance cycle"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END", bug: "DUTY_LATE", finds: "acceptance cycle"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END", bug: "LOOK_FIRST", finds: "acceptance cycle"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END", bug: "NO_PASS_BEFORE_PARK", finds: "acceptance cycle"},

	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=1"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=2 NO_LINGER PARTS=1", slow: true},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=2", bug: "EXIT_BY_STORE", finds: "acceptance cycle"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=1", bug: "NO_DEMOTE", finds: "acceptance cycle"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=1", bug: "LOW_NOT_RAISED", finds: "acceptance cycle"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=1", bug: "GOEXIT_UNCOUNTED", finds: "acceptance cycle"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=2", bug: "LAST_KEPT", finds: "acceptance cycle"},

	// Within a limit. Wakers that put back what they have found may do so for ever.
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", slow: true},
	{model: "pool", look: "starts", bound: "SUBMITTERS=2 TASKS=1 LIMIT=1 NO_LINGER PARTS=1 NO_TICK"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", bug: "PUT_BACK", finds: "acceptance cycle"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=2 TASKS=1 LIMIT=1 NO_LINGER PARTS=1 NO_TICK", bug: "PUT_BACK", finds: "acceptance cycle"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", bug: "NO_SECOND_TRY", finds: "acceptance cycle"},
	{model: "pool", look: "starts", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", bug: "LEAVE_NO_SETTLE", finds: "acceptance cycle"},
	{model: "pool", look: "empties", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", bug: "NO_DEMOTE", finds: "acceptance cycle"},

	{model: "pool", look: "responsible", bound: "SUBMITTERS=1 TASKS=2 NO_LINGER PARTS=1"},
	{model: "pool", look: "responsible", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", slow: true},
	{model: "pool", look: "responsible", bound: "SUBMITTERS=1 TASKS=2 LIMIT=1 NO_LINGER PARTS=1", bug: "DEMOTE_NO_SETTLE", finds: "assertion violated"},

	{model: "asleep", look: "empties"},
	{model: "asleep", look: "sleeps", bound: "STUCK"},
	{model: "asleep", look: "empties", bound: "TASKS=1 CULL"},
	{model: "asleep", look: "empties", bound: "TASKS=1 CULL", bug: "CULLER_SILENT", finds: "acceptance cycle"},
	{model: "asleep", look: "empties", bug: "NO_SECOND_LOOK", finds: "acceptance cycle"},
	{model: "asleep", look: "empties", bug: "LOOK_BEFORE_STORE", finds: "acceptance cycle"},
	{model: "asleep", look: "empties", bug: "TELL_FIRST", finds: "acceptance cycle"},
	{model: "asleep", look: "empties", bug: "PARKER_SILENT", finds: "acceptance cycle"},
	{model: "asleep", look: "empties", bug: "LEAVER_SILENT", finds: "acceptance cycle"},
	{model: "asleep", look: "empties", bug: "NO_SETTLE", finds: "acceptance cycle"},
	{model: "asleep", look: "sleeps", bound: "STUCK", bug: "TICKS_ON", finds: "acceptance cycle"},

	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1 BLOCK"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2 BLOCK"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1 LINGER"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2 LINGER BLOCK"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=1 DRAIN"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2 DRAIN LATE FIXED=1"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1 DRAIN LATE FIXED=2 NO_HANDS"},
	{model: "lanes", look: "starts", bound: "SUBMITTERS=1 TASKS=2 NEVER_END"},
	{model: "lanes", look: "drains", bound: "SUBMITTERS=1 TASKS=1 DRAIN"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2", bug: "HOME_MOVED", finds: "q_len(queue[1])==0"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2 LINGER", bug: "HINT_TRUSTED", finds: "q_len(queue[l])==0"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2", bug: "LANE_KEPT", finds: "startedAll"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1", bug: "LOOK_ELSEWHERE", finds: "q_len(queue[l])==0"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1", bug: "LOOK_FIRST", finds: "q_len(queue[l])==0"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1", bug: "NO_SUCCESSOR", finds: "q_len(queue[l])==0"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=2", bug: "SLOT_BY_STORE", finds: "(taken[w])"},
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1", bug: "DUTY_FORGOTTEN", finds: "(search[1]==0)"},
	// Both tasks in lane 1, where the one is queued while the other's worker is on its
	// way. A task in an idle lane is in its worker's hands at once, and the generation shows it.
	{model: "lanes", bound: "SUBMITTERS=2 TASKS=1 DRAIN LATE FIXED=3 NO_HANDS", bug: "FORGET_LANE", finds: "over[n]"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=1 DRAIN", bug: "QUIET_FIRST", finds: "wasQuiet"},
	{model: "lanes", bound: "SUBMITTERS=1 TASKS=1 DRAIN", bug: "NO_MISSED", finds: "(drained==1)"},
	{model: "lanes", look: "drains", bound: "SUBMITTERS=1 TASKS=1 DRAIN", bug: "NO_MISSED", finds: "acceptance cycle"},

	{model: "drain", bound: "CHAIN=1"},
	{model: "drain", bound: "CHAIN=1 PARK"},
	{model: "drain", bound: "CHAIN=1 FORGO"},
	{model: "drain", bound: "CHAIN=1 DRAINS=2 ERAS=7", slow: true},
	{model: "drain", bound: "CHAIN=2 ERAS=5", long: true},
	{model: "drain", look: "returns", bound: "CHAIN=1"},
	{model: "drain", look: "returns", bound: "CHAIN=1 PARK"},
	{model: "drain", bound: "CHAIN=1", bug: "QUIET_NO_EMPTY", finds: "quiet"},
	{model: "drain", bound: "CHAIN=1", bug: "QUIET_TOUCHED", finds: "quiet"},
	{model: "drain", bound: "CHAIN=1 DRAINS=2", bug: "QUIET_THIS_ERA", finds: "quiet"},
	{model: "drain", bound: "CHAIN=1 DRAINS=2 ERAS=7", bug: "QUIET_LAST_ERA", finds: "quiet"},
	{model: "drain", bound: "CHAIN=1", bug: "JOIN_EMPTY", finds: "quiet"},
	{model: "drain", bound: "CHAIN=2 ERAS=3", bug: "JOIN_UNCOUNTED", finds: "quiet"},
	{model: "drain", bound: "CHAIN=2 ERAS=3", bug: "EARLIER_FORGOTTEN", finds: "invalid array index"},
	{model: "drain", bound: "CHAIN=1 PARK", bug: "PARK_NO_LOOK", finds: "(returned==1)"},
	{model: "drain", bound: "CHAIN=2 ERAS=3", bug: "ONCE", finds: "(accepted==ended)"},
	{model: "drain", bound: "CHAIN=1 ERAS=6", bug: "KEEP_STEP", finds: "(marks<"},
	// Not unsafe, for a Drain looks at the queue in the end; but it turns over and
	// over while a task is queued.
	{model: "drain", bound: "CHAIN=1 ERAS=6", bug: "TURN_NO_EMPTY", finds: "(marks<"},
}

// What the verifier prints at the end.
var (
	errorCount = regexp.MustCompile(`depth reached (\d+), errors: (\d+)`)
	stored     = regexp.MustCompile(`(\d+) states, stored`)
	memory     = regexp.MustCompile(`([\d.]+)\s+total actual memory usage`)
	elapsed    = regexp.MustCompile(`pan: elapsed time ([\d.]+) seconds`)
	firstError = regexp.MustCompile(`pan:1: (.*) \(at depth`)
)

// search makes the verifier in dir, runs it, and returns what it prints.
func search(t *testing.T, dir string, r run) string {
	model, err := filepath.Abs(r.model + ".pml")
	require.NoError(t, err)
	in := func(name string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", name, out)
		return string(out)
	}
	spin := []string{"-a"}
	for _, d := range strings.Fields(r.bound + " " + r.bug) {
		spin = append(spin, "-D"+d)
	}
	// 2 GB at most, and room for the longest path.
	optimize := "-O1"
	if r.finds != "" && !r.slow {
		optimize = "-O0" // most of the time goes into compiling
	}
	gcc := []string{optimize, "-DMEMLIM=2000", "-DVECTORSZ=2048", "-DCOLLAPSE", "-o", "pan", "pan.c"}
	pan := []string{"-m200000"}
	switch r.look {
	case safety:
		gcc = append(gcc, "-DSAFETY", "-DNOCLAIM")
	case lockFree:
		gcc, pan = append(gcc, "-DNP", "-DNOCLAIM"), append(pan, "-l")
	default:
		spin = append(spin, "-DLIVENESS")
		gcc = append(gcc, "-DNFAIR=4") // room for the processes
		pan = append(pan, "-a", "-f", "-N", r.look)
	}
	in("spin", append(spin, model)...)
	in("gcc", gcc...)
	return in("./pan", pan...)
}

// TestWhatDocsSay: README.md and DESIGN.md have the number of seeded bugs, which
// count once for each model.
func TestWhatDocsSay(t *testing.T) {
	bugs := map[[2]string]bool{}
	for _, r := range runs {
		if r.bug != "" {
			bugs[[2]string{r.model, r.bug}] = true
			assert.NotEmpty(t, r.finds, "%s %s", r.model, r.bug)
		}
	}
	for file, want := range map[string]string{"README.md": "%d in the models, each of which Spin finds", "DESIGN.md": "each of %d seeded bugs is found"} {
		text, err := os.ReadFile(filepath.Join("..", "..", file))
		require.NoError(t, err)
		assert.Contains(t, string(text), fmt.Sprintf(want, len(bugs)))
	}
}

func TestModels(t *testing.T) {
	if _, err := exec.LookPath("spin"); err != nil {
		const how = "spin is not installed: apt-get install -y spin"
		if os.Getenv("CI") != "" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	two := make(chan bool, 2) // searches at a time, for their memory
	for _, r := range runs {
		name := strings.Join(strings.Fields(r.model+" "+r.look+" "+r.bound+" "+r.bug), " ")
		t.Run(name, func(t *testing.T) {
			if r.slow && testing.Short() || r.long && !*long {
				t.Skip("slow")
			}
			t.Parallel()
			two <- true
			defer func() { <-two }()
			out := search(t, t.TempDir(), r)
			for _, cut := range []string{"max search depth too small", "out of memory", "truncated", "interrupted"} {
				require.NotContains(t, out, cut, "the search was cut short")
			}
			result := errorCount.FindStringSubmatch(out)
			require.NotNil(t, result, out)
			found := "holds"
			if e := firstError.FindStringSubmatch(out); e != nil {
				found = e[1]
			}
			if r.finds == "" {
				assert.Equal(t, "0", result[2], out)
			} else {
				assert.NotEqual(t, "0", result[2], "the bug was not found")
				assert.Contains(t, found, r.finds)
			}
			number := func(re *regexp.Regexp) string {
				if m := re.FindStringSubmatch(out); m != nil {
					return m[1]
				}
				return "?"
			}
			report(name, fmt.Sprintf("%11s states %7s s %6s MB  %s", number(stored), number(elapsed), number(memory), found))
		})
	}
}

// TestMain prints the figures of all searches in the end: what a passing test
// logs is shown with -v only.
func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	slices.Sort(figures.lines)
	for _, line := range figures.lines {
		fmt.Println(line)
	}
	os.Exit(status)
}

var figures struct {
	sync.Mutex
	lines []string
}

func report(name, figure string) {
	figures.Lock()
	defer figures.Unlock()
	figures.lines = append(figures.lines, fmt.Sprintf("%-72s %s", name, figure))
}

// tableRow is a row of README.md's tables: a step of a model, and the file, the
// function and a text in the function where the code has it.
var tableRow = regexp.MustCompile("(?m)^\\| `([a-z.-]+)` \\| `([a-z/]+\\.go)` \\| `([A-Za-z.]+)` \\| `` (.+) `` \\|$")

// modelStep is the comment that names a step in a model.
var modelStep = regexp.MustCompile(`/\* ([a-z]+(?:\.[a-z]+)+)\b`)

// TestStepsStandInTheCode checks that every step named in a model has a row in
// README.md, that every row is about such a step, and that the code still has
// what the row says.
func TestStepsStandInTheCode(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	inTable := map[string]bool{}
	for _, row := range tableRow.FindAllStringSubmatch(string(readme), -1) {
		step, file, function, text := row[1], row[2], row[3], row[4]
		inTable[step] = true
		assert.Contains(t, body(t, file, function), text, "%s: %s in %s", step, function, file)
	}
	models, err := filepath.Glob("*.pml")
	require.NoError(t, err)
	inModel := map[string]bool{}
	for _, m := range models {
		source, err := os.ReadFile(m)
		require.NoError(t, err)
		for _, step := range modelStep.FindAllStringSubmatch(string(source), -1) {
			inModel[step[1]] = true
		}
	}
	assert.NotEmpty(t, inModel)
	for step := range inModel {
		assert.True(t, inTable[step], "%s has no row in README.md", step)
	}
	for step := range inTable {
		assert.True(t, inModel[step], "%s is in no model", step)
	}
}

// body returns the source of a function, or of a method written Type.Method, of
// a file of the library.
func body(t *testing.T, file, function string) string {
	source, err := os.ReadFile(filepath.Join("..", "..", file))
	require.NoError(t, err)
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, parser.SkipObjectResolution)
	require.NoError(t, err)
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			receiver := string(source[f.Recv.List[0].Type.Pos()-1 : f.Recv.List[0].Type.End()-1])
			receiver, _, _ = strings.Cut(strings.TrimPrefix(receiver, "*"), "[")
			name = receiver + "." + name
		}
		if name == function {
			return string(source[f.Pos()-1 : f.End()-1])
		}
	}
	assert.Fail(t, "no such function", "%s in %s", function, file)
	return ""
}
