package dump

import "cmp"

// steadyPart is the part of the gain that may be lost again in a step: a
// hundred connections more, and a few of the old ones gone.
const steadyPart = 10

// steady reports whether counts, of one profile after the other, tell of
// growth and not of something that comes and goes.
func steady(counts []int) bool {
	gain := counts[len(counts)-1] - counts[0]
	for i, n := range counts[1:] {
		if steadyPart*(counts[i]-n) > gain {
			return false
		}
	}
	return gain > 0
}

// byGrowth orders steady growth before the rest, then by gain, then by size.
func byGrowth(a, b []int) int {
	first, last := 0, len(a)-1
	if sa, sb := steady(a), steady(b); sa != sb {
		if sa {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(b[last]-b[first], a[last]-a[first]), cmp.Compare(b[last], a[last]))
}
