package ablation

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
)

// TestEachPartCanBeLeftOut: the changes fit the library, what is left compiles, and loses
// no task of a few bursts.
func TestEachPartCanBeLeftOut(t *testing.T) {
	dir := t.TempDir()
	for i, p := range Parts {
		program, err := p.Build(t.Context(), dir, i+1)
		require.NoError(t, err)
		row := measure.Apart([]measure.Built{{Program: program, Contestant: contest.Subject}}, load.Named(load.Main, "burst100")...)[0]
		take, end := row.Entrants[0].Begin(time.Millisecond)
		ops, _, err := take(t.Context(), 0)
		require.NoError(t, err, p.Name)
		assert.Positive(t, ops)
		end()
	}
}

func TestEachPartIsDescribedAndChangesSomething(t *testing.T) {
	assert.Equal(t, "nothing", Parts[0].Name)
	assert.Empty(t, Parts[0].patches)
	seen := map[string]bool{}
	for _, p := range Parts[1:] {
		assert.NotEmpty(t, p.Doc, p.Name)
		assert.NotEmpty(t, p.patches, p.Name)
		assert.False(t, seen[p.Name], p.Name)
		seen[p.Name] = true
	}
}

func TestNamed(t *testing.T) {
	chosen, err := Named("notices, figures,nothing")
	require.NoError(t, err)
	require.Len(t, chosen, 3)
	assert.Equal(t, "nothing", chosen[0].Name)
	assert.Equal(t, "notices", chosen[1].Name)
	assert.Equal(t, "figures", chosen[2].Name)
	_, err = Named("figures,figurs")
	assert.EqualError(t, err, `there is no part "figurs": bench list shows them`)
}
