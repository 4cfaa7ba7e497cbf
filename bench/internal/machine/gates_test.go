//go:build lfpoolhooks

package machine

import "testing"

// TestGates: what is known of real machines.
func TestGates(t *testing.T) {
	current = t
	for _, g := range gates {
		simulated, err := g.simulate()
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: known %v, simulated %.2f", g.name, g.known, simulated)
		if !g.rule(g.known, simulated) {
			t.Errorf("gate %s fails: %s", g.name, g.doc)
		}
	}
}
