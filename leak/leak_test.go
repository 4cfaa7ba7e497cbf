package leak_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/leak"
)

func profileOf(t *testing.T, name, text string) *leak.Profile {
	p, err := leak.Parse(strings.NewReader(text))
	require.NoError(t, err)
	p.Name = name
	return p
}

// TestReport: what a finding has, and that text and JSON are of the same report.
func TestReport(t *testing.T) {
	one := profileOf(t, "one", "goroutine profile: total 1\n1 @ 0x1\n#\t0x1\tmain.main+0x1\t/a.go:1\n\n")
	many := profileOf(t, "many", "goroutine profile: total 202\n101 @ 0x2\n#\t0x2\tnet/http.(*persistConn).readLoop+0x1\t/t.go:1\n\n100 @ 0x3\n#\t0x3\tnet/http.(*persistConn).writeLoop+0x1\t/t.go:2\n\n1 @ 0x1\n#\t0x1\tmain.main+0x1\t/a.go:1\n\n")
	r := leak.Explain(leak.Options{}, one, many)
	require.Len(t, r.Findings, 1)
	f := r.Findings[0]
	assert.Equal(t, "HTTP client, response bodies never closed", f.Pattern)
	assert.NotEmpty(t, f.Why)
	assert.Contains(t, f.Cure, "defer resp.Body.Close()")
	assert.Equal(t, []string{"net/http.(*persistConn).readLoop", "net/http.(*persistConn).writeLoop"}, f.Entries)
	assert.Equal(t, []int{0, 201}, f.Counts)
	assert.Equal(t, 201, f.Gain())
	assert.Zero(t, f.Leaked)

	var text strings.Builder
	require.NoError(t, r.WriteText(&text))
	assert.True(t, strings.HasPrefix(text.String(), "one: 1 goroutine (debug=1)\nmany: 202 goroutines (debug=1)\n\n1. HTTP client"), text.String())
	data, err := json.Marshal(r)
	require.NoError(t, err)
	assert.Contains(t, string(data), `"name":"many"`)
	assert.Contains(t, string(data), `"explained":201`)

	assert.Len(t, leak.Explain(leak.Options{}, many).Findings, 1)
	assert.Empty(t, leak.Explain(leak.Options{Min: 202}, many).Findings)
	assert.Empty(t, leak.Explain(leak.Options{Gain: 202}, one, many).Findings)
	leaked := leak.Explain(leak.Options{}, profileOf(t, "", "goroutineleak profile: total 1\n1 @ 0x1\n#\t0x1\tmain.f+0x1\t/a.go:1\n\n"))
	require.Len(t, leaked.Findings, 1)
	assert.Equal(t, 1, leaked.Findings[0].Leaked)
	assert.Empty(t, leaked.Findings[0].Pattern)
}

// TestMisuse: each mistake is told with its name.
func TestMisuse(t *testing.T) {
	_, err := leak.Parse(strings.NewReader("<html>"))
	assert.ErrorContains(t, err, "line 1: this is HTML or XML")
	assert.PanicsWithValue(t, "leak.Explain: no profile is given", func() { leak.Explain(leak.Options{}) })
	assert.PanicsWithValue(t, "leak.Explain: a profile is not from Parse", func() { leak.Explain(leak.Options{}, new(leak.Profile)) })
	assert.PanicsWithValue(t, "leak.Explain: a profile is not from Parse", func() { leak.Explain(leak.Options{}, nil) })
}
