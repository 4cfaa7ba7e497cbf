// Package inside is what the library's packages ask of a pool and its API does not
// offer. Package pool answers; it is imported by those who ask, so that a method would
// be part of its API.
package inside

// Pool is what package pool has to say of a *pool.Pool, which p is.
type Pool struct {
	// Offer gives f to p unless p has no room, and reports whether it did. It never
	// blocks. The caller does the work itself if the pool refuses, or asks another
	// pool: such a refusal is no load that the program has turned away, and does not
	// stand in the pool's figures.
	Offer func(p any, f func()) bool

	// HandlesPanics reports whether p has a handler for its tasks' panics. Those that
	// run a task elsewhere than in a worker must know: a panic that the pool does not
	// handle is to end the program, and until it has, the task has not ended for
	// others.
	HandlesPanics func(p any) bool

	// OfferTurn and what follows are for tasks of p that run several tasks of the
	// program's, one after the other: see pool/turn.go.
	OfferTurn    func(p any, turn func()) bool
	WaitWithTurn func(p any, turn func()) // for room, in a goroutine
	Aside        func(p any) bool         // whether Accepted does not return f itself
	Accepted     func(p any, f func()) func()
	NextTask     func(p any)
	Told         func(p any) uint32
	EndTurn      func(p any, n int)

	// Apart reports whether each task of p has a goroutine of its own, as in a race
	// build without a limit, and is to be ordered by that alone.
	Apart func(p any) bool
}

var answers Pool

// Answer has a answer. Package pool calls it once, when the program starts.
func Answer(a Pool) { answers = a }

func Offer(p any, f func()) bool        { return answers.Offer(p, f) }
func HandlesPanics(p any) bool          { return answers.HandlesPanics(p) }
func Aside(p any) bool                  { return answers.Aside(p) }
func OfferTurn(p any, turn func()) bool { return answers.OfferTurn(p, turn) }
func WaitWithTurn(p any, turn func())   { answers.WaitWithTurn(p, turn) }
func Accepted(p any, f func()) func()   { return answers.Accepted(p, f) }
func NextTask(p any)                    { answers.NextTask(p) }
func Told(p any) uint32                 { return answers.Told(p) }
func EndTurn(p any, n int)              { answers.EndTurn(p, n) }
func Apart(p any) bool                  { return answers.Apart(p) }
