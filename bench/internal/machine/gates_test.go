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
		switch passes := g.rule(g.known, simulated); {
		case !passes && failing[g.name] == "":
			t.Errorf("gate %s fails: %s", g.name, g.doc)
		case passes && failing[g.name] != "":
			t.Logf("gate %s passes here, and was known to fail: %s", g.name, failing[g.name])
		}
	}
	for workload, order := range orders {
		o, err := order()
		if err != nil {
			t.Fatal(err)
		}
		_, wrong := o.Pairs()
		for _, p := range wrong {
			t.Logf("%s: %s is simulated before %s", workload, ordered[p[1]].Name, ordered[p[0]].Name)
		}
		t.Logf("%s, times go: %.2f", workload, o.Simulated)
	}
}
