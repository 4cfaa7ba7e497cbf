package ablation

import (
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/contest"
)

// TestEachPartCanBeLeftOut: the changes fit the library, what is left compiles,
// and each copy is a contestant.
func TestEachPartCanBeLeftOut(t *testing.T) {
	program, err := Build(t.Context(), t.TempDir(), Parts)
	require.NoError(t, err)
	out, err := exec.CommandContext(t.Context(), program, "list").Output()
	require.NoError(t, err)
	for _, p := range Parts {
		assert.Contains(t, string(out), contest.Without+p.Name+" ")
	}
	// One burst for each: no copy loses a task of these.
	out, err = exec.CommandContext(t.Context(), program, "-quick", "-count", "1", "-run", "^"+contest.Without+".*/burst100$", "-o", "").CombinedOutput()
	require.NoError(t, err, string(out))
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
