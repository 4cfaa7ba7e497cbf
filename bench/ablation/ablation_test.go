package ablation

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

// TestEachPartCanBeLeftOut: the changes fit the library, what is left compiles, loses no
// task of a few bursts, and uses its workers again.
func TestEachPartCanBeLeftOut(t *testing.T) {
	t.Cleanup(func() { assert.NoError(t, Remove()) })
	for i, p := range Parts {
		program := sync.OnceValues(func() (string, error) { return p.Build(i + 1) })
		_, err := program()
		require.NoError(t, err)
		row := measure.Apart([]measure.Built{{Program: program, Contestant: contest.Subject}}, load.Named(load.Main, "burst100")...)[0]
		take, end := row.Entrants[0].Begin(10 * time.Millisecond)
		ops, values, err := take(t.Context(), 0)
		require.NoError(t, err, p.Name)
		assert.Positive(t, ops)
		assert.Less(t, values[record.AllocsOp], 3.0, "%s: workers are used again", p.Name)
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
