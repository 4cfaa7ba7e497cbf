package dump_test

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// serve starts what a connection has: a reader, a writer, a keepalive, each a
// goroutine that the one that calls serve creates.
func serve(conn net.Conn, stop chan struct{}) {
	go reader(conn)
	go writer(stop)
	go keepalive(stop)
}

func reader(conn net.Conn) { conn.Read(make([]byte, 1)) }

func writer(stop chan struct{}) {
	select {
	case <-stop:
	case <-make(chan int):
	}
}

func keepalive(stop chan struct{}) { <-stop }

// accept opens n connections, with a goroutine for each that serves it and
// ends.
func accept(t *testing.T, n int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	stop := make(chan struct{})
	var conns []net.Conn
	for range n {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		conns = append(conns, conn)
		go serve(conn, stop)
	}
	t.Cleanup(func() {
		close(stop)
		for _, c := range conns {
			c.Close()
		}
		listener.Close()
		await(t, dump.Debug2, func(p *dump.Profile) bool {
			return role(p, "dump_test.reader").Count()+role(p, "dump_test.writer").Count()+role(p, "dump_test.keepalive").Count() == 0
		})
	})
}

// setOf returns the set that has the role of which the entry ends with suffix.
func setOf(p *dump.Profile, suffix string) dump.Set {
	for _, s := range dump.Sets(dump.Compare(p)) {
		if slices.ContainsFunc(s.Roles, func(r dump.Role) bool { return strings.HasSuffix(r.Entry, suffix) }) {
			return s
		}
	}
	return dump.Set{Counts: []int{0}}
}

func entries(s dump.Set) (names []string) {
	for _, r := range s.Roles {
		names = append(names, r.Entry[strings.LastIndexByte(r.Entry, '.')+1:])
	}
	slices.Sort(names)
	return names
}

// connections is how many there are here; another number than many.
const connections = 31

// TestSetOfAConnection: reader, writer and keepalive are one set in every
// format. What debug=2 tells of creators keeps goroutines out that are as many
// by chance; the other formats do not know better.
func TestSetOfAConnection(t *testing.T) {
	accept(t, connections)
	stop := make(chan struct{})
	defer close(stop)
	for range connections {
		created := make(chan struct{})
		go func() { go bystander(stop); close(created) }()
		<-created
	}
	three := []string{"keepalive", "reader", "writer"}
	for format := range debugOf {
		p := await(t, format, func(p *dump.Profile) bool {
			return role(p, "dump_test.serve").Count() == 0 && role(p, "dump_test.bystander").Count() == connections &&
				setOf(p, "dump_test.reader").Count() >= 3*connections
		})
		s := setOf(p, "dump_test.reader")
		assert.Equal(t, connections, s.Each, format)
		assert.True(t, s.Exact(), format)
		if format == dump.Debug2 {
			assert.Equal(t, three, entries(s))
			assert.Equal(t, []string{"bystander"}, entries(setOf(p, "dump_test.bystander")))
		} else {
			assert.Subset(t, entries(s), three, format)
		}
	}
	p := await(t, dump.Debug2, func(p *dump.Profile) bool {
		return role(p, "dump_test.reader").Waits["IO wait"] == connections
	})
	f := dump.Explain(dump.Options{Min: 3 * connections}, p).Findings
	i := slices.IndexFunc(f, func(f dump.Finding) bool { return f.Each == connections })
	require.GreaterOrEqual(t, i, 0)
	assert.Equal(t, "silent peer", f[i].Pattern.Name)
}

func bystander(stop chan struct{}) { <-stop }

// TestCountsThatDiffer: connections come and go while a profile is taken, so
// one in a hundred may lack a role; below a hundred connections none.
func TestCountsThatDiffer(t *testing.T) {
	roles := func(counts ...int) (all []dump.Role) {
		for i, n := range counts {
			all = append(all, dump.Role{Entry: "main.f" + string(rune('0'+i)), Creator: "main.serve", Counts: []int{n}})
		}
		return all
	}
	for _, c := range []struct {
		counts []int
		sets   int
		each   int
		per    int
	}{
		{[]int{501, 501, 501}, 1, 501, 3},
		{[]int{505, 501, 500}, 1, 500, 3},
		{[]int{507, 501}, 2, 507, 1},
		{[]int{99, 98}, 2, 99, 1},
		{[]int{9, 9}, 2, 9, 1},
		{[]int{1503, 501, 501}, 1, 501, 5}, // three of the first for each
		{[]int{1503, 501}, 2, 1503, 1},     // nobody shares 501
		{[]int{1504, 501, 501}, 2, 1504, 1},
		{[]int{60, 30, 30}, 2, 60, 1},
		{[]int{4509, 501, 501}, 2, 4509, 1},
	} {
		sets := dump.Sets(roles(c.counts...))
		require.Len(t, sets, c.sets, c.counts)
		i := slices.IndexFunc(sets, func(s dump.Set) bool { return s.Each == c.each })
		require.GreaterOrEqual(t, i, 0, c.counts)
		assert.Equal(t, c.per, sets[i].Per, c.counts)
	}
	others := roles(501, 501)
	others[1].Entry, others[1].Creator = "net/http.f", ""
	assert.Len(t, dump.Sets(others), 2, "packages of two owners")
}

// TestNothingInCommon: two roles of about the same size are a set only if more
// than that ties them together. The profiles are of the time before Go 1.21,
// whose texts name the creator's function alone, or of today.
func TestNothingInCommon(t *testing.T) {
	text := func(role, creator string, n, first, parent, parents int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "goroutine %d [IO wait]:\n%s()\n\t/a.go:1 +0x1\ncreated by %s", first+i, role, creator)
			if parent > 0 {
				fmt.Fprintf(&b, " in goroutine %d", parent+i%parents)
			}
			b.WriteString("\n\t/a.go:2 +0x1\n\n")
		}
		return b.String()
	}
	for _, c := range []struct {
		name    string
		profile string
		sets    int
	}{
		{"two accept loops", text("main.reader", "main.serve", 106, 1000, 7, 1) + text("main.dialer", "main.dial", 105, 2000, 8, 1), 2},
		{"all of main", text("main.reader", "main.main", 106, 1000, 1, 1) + text("main.dialer", "main.main", 105, 2000, 1, 1), 2},
		{"all of main, before Go 1.21", text("main.reader", "main.main", 106, 1000, 0, 1) + text("main.dialer", "main.main", 105, 2000, 0, 1), 2},
		{"two creators, before Go 1.21", text("main.reader", "main.serve", 106, 1000, 0, 1) + text("main.dialer", "main.dial", 105, 2000, 0, 1), 2},
		{"as many, of two loops", text("main.reader", "main.serve", 105, 1000, 7, 1) + text("main.dialer", "main.dial", 105, 2000, 8, 1), 2},
		{"one creator, before Go 1.21", text("main.reader", "main.serve", 106, 1000, 0, 1) + text("main.writer", "main.serve", 105, 2000, 0, 1), 1},
		{"the same creators", text("main.reader", "main.serve", 106, 1000, 3000, 106) + text("main.writer", "main.serve", 105, 2000, 3000, 105), 1},
		{"one creates the other", text("main.reader", "main.serve", 106, 1000, 7, 1) + text("main.writer", "main.reader", 105, 2000, 1000, 105), 1},
		{"as many, of one loop", text("main.reader", "main.serve", 105, 1000, 7, 1) + text("main.writer", "main.serve", 105, 2000, 7, 1), 1},
		{"parts of a known thing", text("net/http.(*persistConn).readLoop", "net/http.(*Transport).dialConn", 106, 1000, 3000, 106) + text("net/http.(*persistConn).writeLoop", "net/http.(*Transport).dialConn", 105, 2000, 4000, 105), 1},
	} {
		assert.Len(t, dump.Sets(dump.Compare(parse(t, []byte(c.profile)))), c.sets, c.name)
	}

	two := func(readers int, reader string, dialers int, dialer string) *dump.Profile {
		return parse(t, fmt.Appendf(nil, "goroutine profile: total %d\n%d @ 0x1\n#\t0x1\t%s+0x1\t/a.go:1\n\n%d @ 0x2\n#\t0x2\t%s+0x1\t/a.go:2\n\n", readers+dialers, readers, reader, dialers, dialer))
	}
	debug1 := func(readers, dialers int) *dump.Profile { return two(readers, "main.reader", dialers, "main.dialer") }
	assert.Len(t, dump.Sets(dump.Compare(debug1(106, 105))), 2, "debug=1 tells of no creators")
	assert.Len(t, dump.Sets(dump.Compare(debug1(106, 106))), 1, "exactly as many")
	assert.Len(t, dump.Sets(dump.Compare(debug1(20, 106), debug1(106, 106))), 2, "not in the first profile")
	assert.Len(t, dump.Sets(dump.Compare(debug1(20, 20), debug1(106, 106))), 1, "in both")
	loops := func(read, write int) *dump.Profile {
		return two(read, "net/http.(*persistConn).readLoop", write, "net/http.(*persistConn).writeLoop")
	}
	assert.Len(t, dump.Sets(dump.Compare(loops(20, 106), loops(106, 105))), 2, "parts of a known thing, but not in the first profile")
	assert.Len(t, dump.Sets(dump.Compare(loops(3, 5), loops(106, 105))), 1, "of which there were few")
}

// TestCompare: roles are ranked by what they have gained, over all profiles,
// and those that have gone stay at the end.
func TestCompare(t *testing.T) {
	a, b, c := make(chan struct{}), make(chan struct{}), make(chan struct{})
	more := func(n int, f func(chan struct{}), stop chan struct{}) {
		for range n {
			go f(stop)
		}
	}
	counts := func(keepalives, bystanders, writers int) *dump.Profile {
		return await(t, dump.Debug2, func(p *dump.Profile) bool {
			return role(p, "dump_test.keepalive").Count() == keepalives && role(p, "dump_test.bystander").Count() == bystanders &&
				role(p, "dump_test.writer").Count() == writers
		})
	}
	more(40, keepalive, a)
	more(12, writer, c)
	first := counts(40, 0, 12)
	more(20, bystander, b)
	more(5, keepalive, a)
	second := counts(45, 20, 12)
	more(30, bystander, b)
	close(c)
	third := counts(45, 50, 0)

	roles := dump.Compare(first, second, third)
	assert.Equal(t, []int{0, 20, 50}, roles[0].Counts)
	assert.Equal(t, "github.com/lfpool/lfpool/leak/internal/dump_test.bystander", roles[0].Entry)
	assert.Equal(t, []int{40, 45, 45}, roles[1].Counts)
	assert.Equal(t, 5, roles[1].Gain())
	last := roles[len(roles)-1]
	assert.Equal(t, []int{12, 12, 0}, last.Counts)
	assert.Equal(t, "select", last.Waits.Names()[0], "of the last profile that had the role")

	r := dump.Explain(dump.Options{}, first, second, third)
	require.Len(t, r.Findings, 1)
	assert.Equal(t, 50, r.Findings[0].Gain())
	assert.Len(t, dump.Explain(dump.Options{Gain: 5}, first, second, third).Findings, 2)

	// What was there once and went, and what was at rest, has not grown steadily.
	burst := dump.Compare(third, second, third)
	assert.False(t, slices.ContainsFunc(burst, dump.Role.Steady))

	// A format without creators among the profiles: nobody's creator counts.
	mixed := dump.Compare(first, parse(t, written(t, dump.Debug1)))
	assert.Equal(t, []int{0, 50}, mixed[0].Counts)
	assert.Empty(t, mixed[0].Creator)
	close(a)
	close(b)
	counts(0, 0, 0)
}
