package load

import "math/rand/v2"

// mixed deals each producer the same hand of tasks in an order of its own. The
// orders are the same in every run.
func mixed(int) [][]func() {
	const producers = 4
	lists := make([][]func(), producers)
	for i := range lists {
		hand := mixedHand()
		order := rand.New(rand.NewPCG(1, uint64(i)))
		order.Shuffle(len(hand), func(a, b int) { hand[a], hand[b] = hand[b], hand[a] })
		lists[i] = hand
	}
	return lists
}

// mixedHand is 500 tasks, in exact proportion.
func mixedHand() []func() {
	var hand []func()
	deal := func(n int, work func()) {
		for range n {
			hand = append(hand, work)
		}
	}
	deal(320, shallow)
	deal(150, Deep)
	for i := range 25 {
		docs := documents()
		deal(1, docs[i%len(docs)].serve)
	}
	deal(5, nap)
	return hand
}
