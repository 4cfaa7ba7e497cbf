package dump

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// minShared is the least count that says something when two roles share it:
// smaller counts are equal by chance, or because both are the number of
// processors.
const minShared = 10

// A role may have a multiple of the count that others share: a gRPC client has
// three serializers for each connection. That a count is a multiple by chance
// is likelier, the smaller the counts and the larger the factor.
const (
	minMultiplied = 100
	maxFactor     = 8
)

// Set is roles that come and go together: n connections with a reader, a
// writer and a keepalive each. A role that shares its count with no other is
// a set of its own.
type Set struct {
	Roles []Role `json:"roles"`
	// Each is the number of goroutines of one role: the n of n connections. If
	// the roles differ a little, for connections come and go while the profile
	// is taken, it is the least.
	Each int `json:"each"`
	// Per is how many goroutines there are for each: at least one a role.
	Per int `json:"per"`
	// Counts has the number of goroutines of all roles in each profile.
	Counts []int `json:"counts"`
}

// Count returns the number of goroutines in the last profile.
func (s Set) Count() int { return s.Counts[len(s.Counts)-1] }

// Gain returns by how many goroutines the last profile has more than the
// first.
func (s Set) Gain() int { return s.Count() - s.Counts[0] }

// Leaked returns how many goroutines of the set are leaked: see Group.Leaked.
func (s Set) Leaked() (n int) {
	for _, r := range s.Roles {
		n += r.Leaked
	}
	return n
}

// Steady reports whether the set has grown from profile to profile: it has
// gained, and no profile has fewer than the one before by more than a tenth of
// the gain. What was one burst, or goes up and down, is not steady.
func (s Set) Steady() bool { return steady(s.Counts) }

// Exact reports whether each has all the goroutines: Each times Per is Count.
func (s Set) Exact() bool { return s.Each*s.Per == s.Count() }

// Sets puts together roles, as [Compare] returns them, of which every profile
// has the same number (within a hundredth), or an exact multiple of the number
// that others share, and which belong together: the same goroutines have created
// them, or the one the other, where the profile tells so; or they are parts of
// one thing that a pattern knows, such as the connections of a gRPC server. If
// the numbers are exactly the same it is enough that they are of one owner, as
// far as the first two elements of import paths tell, and that the profile does
// not tell of different creators. Each role is in one set. Sets come in the
// order of roles.
func Sets(roles []Role) []Set {
	taken := make([]bool, len(roles))
	// join adds to members all that fits the first of them and is akin to one.
	join := func(members []int, fits func(first, other []int) bool) []int {
		for at := 0; at < len(members); at++ { // members grows under way
			for i := range roles {
				if !taken[i] && fits(roles[members[0]].Counts, roles[i].Counts) && akin(&roles[members[at]], &roles[i]) {
					taken[i] = true
					members = append(members, i)
				}
			}
		}
		return members
	}
	var shared, alone [][]int // indices in roles
	for i := range roles {
		if taken[i] {
			continue
		}
		taken[i] = true
		if members := join([]int{i}, near); len(members) > 1 {
			shared = append(shared, members)
		} else {
			alone = append(alone, members)
		}
	}
	var sets []Set
	for _, members := range alone {
		taken[members[0]] = false
	}
	for _, members := range shared {
		members = join(members, multiple)
		slices.Sort(members)
		sets = append(sets, newSet(roles, members))
	}
	for _, members := range alone {
		if !taken[members[0]] {
			sets = append(sets, newSet(roles, members))
		}
	}
	rank(sets)
	return sets
}

func rank(sets []Set) {
	slices.SortStableFunc(sets, func(a, b Set) int {
		return cmp.Or(byGrowth(a.Counts, b.Counts), cmp.Compare(a.Roles[0].Entry, b.Roles[0].Entry))
	})
}

func newSet(roles []Role, members []int) Set {
	s := Set{Each: roles[members[0]].Count(), Counts: make([]int, len(roles[members[0]].Counts))}
	for _, m := range members {
		s.Roles = append(s.Roles, roles[m])
		s.Each = min(s.Each, roles[m].Count())
		for i, n := range roles[m].Counts {
			s.Counts[i] += n
		}
	}
	for _, r := range s.Roles {
		s.Per += max(1, r.Count()/max(1, s.Each))
	}
	return s
}

// near reports whether the counts of the last profile are large enough to
// compare, and those of no profile differ by more than a hundredth: by none
// below 100. Earlier ones may be too small to tell anything.
func near(a, b []int) bool {
	for i, n := range a {
		small := max(n, b[i]) < minShared && i < len(a)-1
		if !small && (min(n, b[i]) < minShared || 100*max(n-b[i], b[i]-n) > max(n, b[i])) {
			return false
		}
	}
	return true
}

// multiple reports whether the last of counts is a multiple of a shared one that
// says something, and those of earlier profiles are the same multiple or too
// small to tell anything.
func multiple(shared, counts []int) bool {
	last := len(shared) - 1
	if shared[last] < minMultiplied || counts[last]%shared[last] != 0 {
		return false
	}
	factor := counts[last] / shared[last]
	for i, n := range shared {
		if n >= minShared && counts[i] != factor*n {
			return false
		}
	}
	return factor <= maxFactor
}

// akin reports whether two roles, of which there are about as many, belong
// together. That there are exactly as many, or a multiple, of one owner's is
// unlikely by chance; that there are about as many is not, of 106 readers and
// 105 dialers, say.
func akin(a, b *Role) bool {
	switch {
	case a.Worker.Idle() || b.Worker.Idle():
		return false // see poolSets
	case overlap(a.parents, b.parents) || overlap(a.ids, b.parents) || overlap(a.parents, b.ids):
		return true
	case a.partOf() != nil && a.partOf() == b.partOf():
		return true
	case len(a.parents) > 0 && len(b.parents) > 0 && !(len(a.parents) == 1 && maps.Equal(a.parents, b.parents)):
		return false // the creators are known, and not the same ones
	case !slices.Equal(a.Counts, b.Counts) && !multiple(a.Counts, b.Counts) && !multiple(b.Counts, a.Counts):
		// Before Go 1.21 the function is all that debug=2 tells of creators. main
		// creates all kinds of goroutines.
		return len(a.parents)+len(b.parents) == 0 && a.Creator == b.Creator && a.Creator != "" && a.Creator != "main.main"
	}
	return a.owner() == b.owner()
}

// owner is whose code the role is, as far as an import path tells: "main",
// "net", "google.golang.org/grpc", "github.com/lfpool".
func (r *Role) owner() string {
	p := Frame{Func: cmp.Or(r.Creator, r.Entry)}.Package()
	first, rest, _ := strings.Cut(p, "/")
	if !strings.Contains(first, ".") {
		return first // the standard library
	}
	second, _, _ := strings.Cut(rest, "/")
	return first + "/" + second
}

// overlap reports whether most of each set is in the other. One goroutine that
// has created all of them, such as main, ties nothing together.
func overlap(a, b set) bool {
	both := 0
	for id := range a {
		if _, ok := b[id]; ok {
			both++
		}
	}
	return both > 1 && 2*both > max(len(a), len(b))
}
