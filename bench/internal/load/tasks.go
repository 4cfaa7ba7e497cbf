package load

import (
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// What tasks do.

// shallow does nothing: what remains is the cost of handing a task over.
func shallow() {}

// nap stands for a task that waits on something else.
func nap() { time.Sleep(time.Millisecond) }

// deepFrames is the depth of a deep task: 60 frames with 120 B of
// variables each need 9 KiB of stack, so a new goroutine, which starts with 2 KiB
// or little more, moves to a larger one three times.
const deepFrames = 60

// Deep makes its goroutine's stack grow, as request handlers do.
func Deep() { descend(deepFrames, 1) }

// descend recurses to the given number of frames. Each frame keeps an array
// that is written before the call and read after it, at an index the compiler
// does not know, so that no frame can be left out.
//
//go:noinline
func descend(frames int, seed byte) byte {
	var kept [120]byte
	kept[seed%120] = seed
	if frames == 1 {
		return kept[seed%120]
	}
	return descend(frames-1, seed+1) ^ kept[seed%120]
}

// Spin computes for about d. It counts steps and does not look at the clock:
// time in which the goroutine has no processor is no work done.
func Spin(d time.Duration) {
	if d > 0 {
		turn(int(float64(d) * stepsPerNanosecond()))
	}
}

// turns keeps the compiler from leaving the steps out.
var turns atomic.Uint64

func turn(steps int) {
	x := uint64(steps) | 1
	for range steps {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
	}
	if x == 0 { // never: the steps map no odd number to 0
		turns.Add(1)
	}
}

// stepsPerNanosecond is calibrated once, as the best of several tries: whatever
// else the machine does only slows a try down.
var stepsPerNanosecond = sync.OnceValue(func() float64 {
	const steps = 200_000
	var tries []time.Duration
	for range 10 {
		start := time.Now()
		turn(steps)
		tries = append(tries, time.Since(start))
	}
	return steps / float64(max(1, slices.Min(tries)))
})

// The documents are recorded output of "go list -json" for four packages of
// the standard library, of 2.5 to 3.6 KB, with GOROOT shown as /goroot.
//
//go:embed testdata/served/*.json
var recorded embed.FS

// A document is one request of the json workload.
type document []byte

// documents has the recorded documents, in the order of their names.
var documents = sync.OnceValue(func() (docs []document) {
	names, err := fs.Glob(recorded, "testdata/served/*.json")
	for _, name := range names {
		var text []byte
		if text, err = recorded.ReadFile(name); err == nil {
			docs = append(docs, text)
		}
	}
	if err != nil {
		panic(err) // the pattern is bad, or a file cannot be read that is embedded
	}
	return docs
})

// listing is what a build tool would read from the document.
type listing struct {
	Dir, ImportPath, Name, Doc, Root                                             string
	Goroot, Standard                                                             bool
	Match, GoFiles, IgnoredGoFiles, Imports, Deps, TestImports, XTestImports     []string
	TestGoFiles, XTestGoFiles, TestEmbedPatterns, EmbedPatterns, XTestEmbedFiles []string
}

// serve parses and hashes the document.
func (d document) serve() {
	var l listing
	if err := json.Unmarshal(d, &l); err != nil || l.ImportPath == "" || !strings.HasSuffix(l.Dir, l.ImportPath) || sha256.Sum256(d) == [sha256.Size]byte{} {
		panic(fmt.Sprintf("recorded document of %q: %v", l.ImportPath, err))
	}
}

// served is the json workload: every producer goes through the documents in
// turn.
func served(procs int) [][]func() {
	var works []func()
	for _, d := range documents() {
		works = append(works, d.serve)
	}
	return producers(2, 16, works...)(procs)
}

// mixed deals each producer the same hand of tasks in an order of its own. The
// orders are the same in every run.
func mixed(int) [][]func() {
	const producers = 4
	lists := make([][]func(), producers)
	for i := range lists {
		hand := mixedHand()
		order := rand.New(rand.NewPCG(1, uint64(i)))
		order.Shuffle(len(hand), func(a, b int) { hand[a], hand[b] = hand[b], hand[a] })
		lists[i] = hand
	}
	return lists
}

// mixedHand is 500 tasks, in exact proportion.
func mixedHand() []func() {
	var parsing []func()
	docs := documents()
	for i := range 25 {
		parsing = append(parsing, docs[i%len(docs)].serve)
	}
	return slices.Concat(slices.Repeat([]func(){shallow}, 320), slices.Repeat([]func(){Deep}, 150), parsing, slices.Repeat([]func(){nap}, 5))
}
