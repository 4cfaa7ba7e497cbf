//go:build lfpoolhooks

package machine

import "testing"

// TestGates: what is known of real machines.
func TestGates(t *testing.T) {
	gates, err := Gates(t)
	if err != nil {
		t.Fatal(err)
	}
	if len(gates) < 8 {
		t.Errorf("%d gates", len(gates))
	}
	for _, g := range gates {
		t.Logf("%d: %s: known %s, simulated %s, passes: %t", g.Number, g.What, g.Known, g.Simulated, g.Passes)
		if !g.Passes {
			t.Errorf("gate %d fails: %s", g.Number, g.What)
		}
	}
}
