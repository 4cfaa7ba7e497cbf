package dump_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	httppprof "net/http/pprof"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

func labelled(stop chan struct{}) {
	pprof.Do(context.Background(), pprof.Labels("path", `/x "y"]:`, "zone", "b, c"), func(context.Context) { waitForChannel(stop) })
}

// TestFormats: all formats tell the same of one program, as far as they tell.
func TestFormats(t *testing.T) {
	t.Setenv("GODEBUG", "tracebacklabels=1") // debug=2 has labels then, since Go 1.26
	start(t, labelled)
	labels := dump.Tally{`path=/x "y"]:`: many, "zone=b, c": many}
	want := await(t, dump.Debug2, func(p *dump.Profile) bool { return role(p, "start.func1").Waits["chan receive"] == many })
	assert.Equal(t, dump.Debug2, want.Format)
	r := role(want, "start.func1")
	if strings.HasPrefix(runtime.Version(), "go1.25") {
		labels = dump.Tally{}
	}
	assert.Equal(t, labels, r.Labels)
	assert.Equal(t, "github.com/lfpool/lfpool/leak/internal/dump_test.start", r.Creator)
	assert.Equal(t, "github.com/lfpool/lfpool/leak/internal/dump_test.waitForChannel", r.Stack[0].Func)
	for format, waits := range map[dump.Format]dump.Tally{
		dump.Protobuf: {"chan receive": many},
		dump.Debug1:   {"": many}, // it hides where in the runtime they wait
	} {
		p := parse(t, written(t, format))
		assert.Equal(t, format, p.Format)
		assert.Equal(t, want.Total, p.Total, format)
		got := role(p, "start.func1")
		assert.Equal(t, r.Stack, got.Stack, format)
		assert.Equal(t, dump.Tally{`path=/x "y"]:`: many, "zone=b, c": many}, got.Labels, format)
		assert.Equal(t, waits, got.Waits, format)
		assert.Empty(t, got.Creator, format)
	}
}

// TestFromHandler: what net/http/pprof serves is read, with Windows' line ends
// and a byte order mark too, and compressed.
func TestFromHandler(t *testing.T) {
	start(t, waitForChannel)
	await(t, dump.Debug2, func(p *dump.Profile) bool { return role(p, "start.func1").Count() == many })
	for _, query := range []string{"", "?debug=1", "?debug=2"} {
		w := httptest.NewRecorder()
		httppprof.Handler("goroutine").ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/debug/pprof/goroutine"+query, nil))
		data := w.Body.Bytes()
		assert.Equal(t, many, role(parse(t, data), "start.func1").Count(), query)
		var zipped bytes.Buffer
		z := gzip.NewWriter(&zipped)
		if query != "" {
			z.Write([]byte("\ufeff" + strings.ReplaceAll(string(data), "\n", "\r\n")))
			require.NoError(t, z.Close())
			assert.Equal(t, many, role(parse(t, zipped.Bytes()), "start.func1").Count(), query)
		}
	}
}

// TestAges: the runtime's minutes, which take minutes to come, are put into a
// real profile.
func TestAges(t *testing.T) {
	start(t, waitForChannel)
	await(t, dump.Debug2, func(p *dump.Profile) bool { return role(p, "start.func1").Waits["chan receive"] == many })
	before, after, _ := strings.Cut(string(written(t, dump.Debug2)), "dump_test.waitForChannel(")
	head := strings.LastIndex(before, " [chan receive]:")
	require.Positive(t, head)
	text := before[:head] + " [chan receive, 12 minutes, locked to thread]:" + before[head+len(" [chan receive]:"):] + "dump_test.waitForChannel(" + after
	r := role(parse(t, []byte(text)), "start.func1")
	assert.Equal(t, dump.Age{Min: 0, Max: 12}, r.Age)
	assert.Equal(t, dump.Tally{"chan receive": many}, r.Waits)
}

func recurse(depth int, stop chan struct{}) {
	if depth > 0 {
		recurse(depth-1, stop)
	}
	<-stop
}

// TestElided: the frames that debug=2 leaves out of a deep stack hide neither
// who the goroutine is nor where it waits.
func TestElided(t *testing.T) {
	stop := make(chan struct{})
	defer close(stop)
	for range many {
		go recurse(200, stop)
	}
	p := await(t, dump.Debug2, func(p *dump.Profile) bool { return role(p, "dump_test.recurse").Waits["chan receive"] == many })
	r := role(p, "dump_test.recurse")
	assert.Contains(t, r.Stack, dump.Frame{Func: "..."})
	assert.Equal(t, "github.com/lfpool/lfpool/leak/internal/dump_test.TestElided", r.Creator)
}

// TestTruncated: wherever a profile is cut, Parse says so; but debug=2 does
// not tell how many goroutines follow, so a cut after a whole one is not seen.
func TestTruncated(t *testing.T) {
	start(t, labelled)
	for format := range debugOf {
		await(t, format, func(p *dump.Profile) bool { return role(p, "start.func1").Count() == many })
		data := written(t, format)
		whole := parse(t, data).Total
		for cut := 0; cut < len(data); cut += len(data)/200 + 1 { // each would take minutes
			p, err := dump.Parse(bytes.NewReader(data[:cut]))
			if err != nil {
				var input *dump.InputError
				require.ErrorAs(t, err, &input)
				require.Equal(t, format != dump.Protobuf || cut == 0, input.Line > 0, "%v", err)
				continue
			}
			rest := string(data[cut:])
			switch format {
			case dump.Protobuf:
				t.Fatalf("%d of %d bytes are taken for the whole", cut, len(data))
			case dump.Debug1:
				require.Equal(t, whole, p.Total)
				require.NotContains(t, rest, " @ ", "every goroutine was there")
			case dump.Debug2:
				before := string(data[:cut])
				lastLine := before[strings.LastIndexByte(strings.TrimSpace(before), '\n')+1:]
				require.Regexp(t, `^\t.*:\d+( \+0?x?[0-9a-f]*)?\n*$`, lastLine, "only the number of a line may be cut")
			}
		}
	}
}

func TestForeign(t *testing.T) {
	var cpu, heap bytes.Buffer
	require.NoError(t, pprof.StartCPUProfile(&cpu))
	pprof.StopCPUProfile()
	require.NoError(t, pprof.Lookup("heap").WriteTo(&heap, 0))
	const stack = "goroutine 7 [sleep]:\nmain.f()\n\t/a.go:1 +0x1\ncreated by main.main\n\t/a.go:2 +0x1\n"
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "line 1: the input is empty; want a goroutine profile"},
		{"white space", "\n\n", "line 1: the input is empty"},
		{"HTML", "\n<!DOCTYPE html>\n", "line 2: this is HTML or XML, perhaps the index page /debug/pprof/; want a goroutine profile"},
		{"JSON", `{"a": 1}`, "line 1: this is JSON"},
		{"heap text", "heap profile: 1: 2 [3: 4] @ heap/5\n", "line 1: this is a heap profile"},
		{"crash without a goroutine", "panic: no\n\nexit status 2\n", `this is a crash's output without a line "goroutine N [...]:"`},
		{"crash, cut", "panic: no\n\n" + stack[:40], `truncated`},
		{"prose", "Dear reader,\n", `line 1: "Dear reader,"; want a goroutine profile`},
		{"trace", "go 1.26 trace\x00\x00\x00", "line 1: this is an execution trace"},
		{"CPU profile", cpu.String(), "a profile of samples/count, cpu/nanoseconds; want a goroutine profile"},
		{"heap profile", heap.String(), "a profile of alloc_objects/count, alloc_space/bytes"},
		{"noise", "\x01\x02\x03", "neither text nor a whole protobuf profile"},
		{"damaged", "\x1f\x8b nonsense", "the compressed input is damaged"},
		{"stray line", stack + "\nhello\n\n" + stack, `line 7: "hello", where "goroutine N [state]:" should stand`},
		{"stray end", stack + "\nexit status 2\n", `line 7: the input ends with "exit status 2", where "goroutine N [state]:" should stand: truncated`},
		{"no place", "goroutine 7 [sleep]:\nmain.f()\nmain.g()\n\t/a.go:1\n", `line 3: "main.g()", where tab, file:line should stand`},
		{"no stack", "goroutine 7 [sleep]:\n\n" + stack, `line 2: "", where a stack should stand`},
		{"twice", stack + "\n" + stack, "line 7: goroutine 7 for a second time (line 1 has the first): two profiles in one input"},
		{"no creator", "goroutine 7 [sleep]:\nmain.f()\n\t/a.go:1 +0x1\n", `line 3: the input ends within the stack of goroutine 7, before its "created by": truncated`},
		{"large number", "goroutine 99999999999999999999 [sleep]:\n", "line 1: the goroutine number 99999999999999999999 is too large"},
		{"too few", "goroutine profile: total 3\n2 @ 0x1\n#\t0x1\tmain.f+0x1\t/a.go:1\n\n", "line 4: the input ends after 2 of the 3 goroutines that line 1 tells of: truncated"},
		{"too many", "goroutine profile: total 1\n2 @ 0x1\n", "line 2: 2 goroutines here are more than the total of 1 leaves"},
		{"no total", "goroutine profile: total\n\n", `line 1: the input ends with "goroutine profile: total", where "goroutine profile: total N" should stand`},
		{"frame", "goroutine profile: total 1\n1 @ 0x1\n#\tmain.f\n", `line 3: the input ends with "#\tmain.f", where "#", an address, a function and file:line should stand: truncated`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := dump.Parse(strings.NewReader(c.in))
			assert.ErrorContains(t, err, c.want)
		})
	}
}

// FuzzParse: whatever the input, Parse gives an InputError or a profile of
// which everything else can make a report.
func FuzzParse(f *testing.F) {
	for format := range debugOf {
		f.Add(written(f, format))
	}
	f.Add([]byte("goroutine 1 gp=0x1 m=0 mp=0x2 [select (no cases), 3 minutes, locked to thread, synctest bubble 4 labels:{\"a\": \"b\"}]:\n\tgoroutine running on other thread; stack unavailable\n"))
	f.Add([]byte("goroutine 2 [chan receive (durable)]:\nmain.F[...](...)\n\tC:/a.go:1\n...7 frames elided...\ncreated by main.main in goroutine 1\n\t/a.go:2 +0x1\n[originating from goroutine 1]:\nmain.main(...)\n\t/a.go:3 +0x1\n"))
	f.Add([]byte("goroutine 3 [chan receive (leaked)] {a: \"b c\", d: }:\nmain.F[...].G[...]()\n  /a.go:1\ngoroutine 4 [select]:\nmain.H()\n\t/a.go:2\ncreated by main.main\n\t/a.go:2 +0x1\n"))
	dumps, err := filepath.Glob("testdata/dumps/*.txt")
	require.NoError(f, err)
	require.NotEmpty(f, dumps)
	for _, file := range dumps {
		data, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte("goroutine profile: total 2\n2 @ 0x1 0x2\n# labels: {\"a\":\"b\"}\n#\t0x1\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := dump.Parse(bytes.NewReader(data))
		if err != nil {
			var input *dump.InputError
			require.ErrorAs(t, err, &input)
			return
		}
		n := 0
		for _, g := range p.Groups {
			require.NotEmpty(t, g.Stack)
			n += g.Count
		}
		require.Equal(t, p.Total, n)
		r := dump.Explain(dump.Options{Min: 1}, p)
		n = 0
		for _, s := range r.Others {
			n += s.Count()
		}
		require.Equal(t, p.Total, r.Explained+r.Unexplained+n, "every goroutine is in one place")
		require.NoError(t, r.WriteText(new(strings.Builder)))
	})
}
