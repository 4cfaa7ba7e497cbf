//go:build lfpoolhooks

package machine

import "testing"

// TestGates: what is known of real machines.
func TestGates(t *testing.T) {
	for _, g := range gates {
		simulated, passes, err := g.check(t)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: known %v, simulated %.2f, passes: %t", g.name, g.known, simulated, passes)
		if !passes {
			t.Errorf("gate %s fails: %s", g.name, g.doc)
		}
	}
}
