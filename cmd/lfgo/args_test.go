package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestArgumentsAreSplit(t *testing.T) {
	for _, c := range []struct {
		line       []string
		oneProgram bool
		want       arguments
	}{
		{[]string{}, false, arguments{own: map[string]string{}, packages: []string{"."}}},
		{
			[]string{"-run", "X", "-v", "./...", "-why", "-deps=a", "-race", "-count", "1", "./b", "-args", "-x", "y"}, false,
			arguments{own: map[string]string{"why": "true", "deps": "a"}, flags: []string{"-run=X", "-v", "-race", "-count=1"}, packages: []string{"./...", "./b"}, rest: []string{"-args", "-x", "y"}},
		},
		{
			[]string{"-tags", "a b", "--why=false", "./cmd", "-port", "80", "./x"}, true,
			arguments{own: map[string]string{}, flags: []string{"-tags=a b"}, packages: []string{"./cmd"}, rest: []string{"-port", "80", "./x"}},
		},
		{
			[]string{"a.go", "b.go", "c"}, true,
			arguments{own: map[string]string{}, packages: []string{"a.go", "b.go"}, rest: []string{"c"}},
		},
		{[]string{"-lfpool", "d", "./cmd"}, true, arguments{own: map[string]string{"lfpool": "d"}, packages: []string{"./cmd"}, rest: []string{}}},
	} {
		got, err := parseArguments(c.line, ownFlags, c.oneProgram)
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	a, err := parseArguments([]string{"-tags", "x", "-run=A", "-race"}, ownFlags, false)
	require.NoError(t, err)
	assert.Equal(t, []string{"-tags=x", "-race"}, a.buildFlags())
	assert.Equal(t, "A", a.take("run"))
	assert.Empty(t, a.take("run"))
	assert.Equal(t, []string{"-tags=x", "-race"}, a.flags)
	_, err = parseArguments([]string{"-why=perhaps"}, ownFlags, false)
	assert.EqualError(t, err, "-why=perhaps: true or false")
}

func TestDepsPattern(t *testing.T) {
	for pattern, c := range map[string]struct{ yes, no []string }{
		"google.golang.org/grpc": {[]string{"google.golang.org/grpc"}, []string{"google.golang.org/grpc/x", "googleXgolang.org/grpc"}},
		"golang.org/x/...":       {[]string{"golang.org/x/net", "golang.org/x"}, []string{"golang.org/xnet", "a.golang.org/x/net"}},
		"a,b...":                 {[]string{"a", "b", "bc/d"}, []string{"ab", "c"}},
	} {
		a := arguments{own: map[string]string{"deps": pattern}}
		re, err := a.deps()
		require.NoError(t, err)
		for _, path := range c.yes {
			assert.True(t, re.MatchString(path), "%s %s", pattern, path)
		}
		for _, path := range c.no {
			assert.False(t, re.MatchString(path), "%s %s", pattern, path)
		}
	}
	none, err := (&arguments{}).deps()
	assert.NoError(t, err)
	assert.Nil(t, none)
}

func TestWordsAreSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"a":               {"a"},
		"  a  b ":         {"a", "b"},
		`'a b' c "d 'e'"`: {"a b", "c", "d 'e'"},
	} {
		got, err := splitWords(line)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, line := range []string{"", " ", "'a"} {
		_, err := splitWords(line)
		assert.Error(t, err, line)
	}
}

func TestExactlyNamesOneBenchmark(t *testing.T) {
	assert.Equal(t, "^BenchmarkGo$", exactly("Go-8"))
	assert.Equal(t, `^BenchmarkA$/^b=1\.5$/^c-d$`, exactly("A/b=1.5/c-d-2"))
}

func TestProgressTellsTheTimeLeft(t *testing.T) {
	var b bytes.Buffer
	p := &progress{out: &b, expected: 10 * time.Second, began: time.Now()}
	p.say("first")
	assert.Equal(t, "lfgo: first; 10s left\n", b.String())
	p.say("second") // so soon after the first it says nothing
	assert.NotContains(t, b.String(), "second")
	p.done(5 * time.Second)
	p.began = time.Now().Add(-20 * time.Second) // half has taken that
	assert.InDelta(t, 20, p.left().Seconds(), 1)
	p.done(6 * time.Second)
	assert.Zero(t, p.left())
}
