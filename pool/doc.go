// Package pool runs functions on goroutines that are used again.
//
// [Pool.Go] has the meaning of the go statement: it never blocks, every task
// starts whatever the other tasks do, and there is nothing to close. A worker
// that nobody needs goes away by itself, and a pool without workers has no
// goroutine at all, so a pool that nobody references is garbage like anything
// else. (One that was told to keep its workers for ever, by idle.Never, must be
// drained for that.)
//
// How it works, and why, is told in the repository's DESIGN.md and at the head of
// the source files: dispatch.go says how tasks reach workers.
//
// # Where a pool is not go
//
// A task runs in a goroutine that has run others and that its submitter did not
// start. The list has everything that a program can see of that. Each line has its
// tests, which notgo_test.go names.
//
// What a task has from its submitter:
//
//   - Profile labels: none, where go hands on the submitter's. The task has the
//     pool's ([WithName]); with [Pool.GoContext] it has those of the context.
//   - FIPS 140-3: the exemption from strict enforcement, if the call is made within
//     fips140.WithoutEnforcement, as with go. A worker never keeps it for another
//     task, nor does the turn of a [Keyed] or a [Fair].
//   - Data-independent timing: not inherited. A task that needs the mode calls
//     subtle.WithDataIndependentTiming itself. (The package has no function that
//     tells whether it is on, so the pool cannot hand it on. On arm64, since Go
//     1.26, a worker that is started within such a call keeps the mode: its tasks
//     are slower, and no less safe.)
//   - Secrets: the mode of runtime/secret.Do is not inherited either: a task calls
//     it itself. (Since Go 1.27 a worker that is started within Do keeps the mode.)
//
// What a task leaves to the next:
//
//   - Labels that a task sets: pprof.SetGoroutineLabels without taking them back.
//     They end with the worker's batch: when it parks, or after 64 tasks at the
//     latest. (pprof.Do sets those of the context that it was given again, which
//     has no pool's name. After GoContext the pool's are there at once.)
//   - Faults: nothing. debug.SetPanicOnFault ends with the task.
//   - Locked threads: a task that ends without runtime.UnlockOSThread has its worker
//     end, and the thread with it, but not always at once. The worker looks at each
//     of its first parks, unless many workers are parked, and later once in some parks
//     if they were slow, as they are on such a thread; and before it takes another task,
//     once in a millisecond or so if it never parks, and when the reaper has looked
//     (every quarter of an idle timeout while a worker is parked) or Stats was called.
//     Until then other tasks run on the thread. A task that changes what belongs to its thread
//     (namespaces, ids, the signal mask) is better off with go.
//   - Goroutine-local state: what a library keeps by the goroutine's number, or in
//     the thread's storage in C. The number is the worker's, and does not tell tasks
//     apart.
//   - Size of stacks: a stack that has grown stays grown until collections have
//     halved it or the worker goes. The next deep task is cheaper for it; memory for
//     stacks stays in use for one and a quarter idle timeouts after a peak.
//   - Panics and Goexit: nothing, as with go, but for pools with [WithPanicHandler].
//     After a Goexit the worker ends, and its place is free.
//   - Panics with nil: as with go, by GODEBUG=panicnil: 1 gives the panic handler a
//     nil, 0 a *runtime.PanicNilError.
//
// What tools see:
//
//   - Stacks in traces: a task's stack goes on below it with the worker's frames
//     (serve, live, run), and ends with "created by" a function of this package.
//     With GODEBUG=tracebackancestors the ancestors are the worker's. Neither names
//     the submitter.
//   - Execution traces: one goroutine for all tasks of a worker. A task of GoContext
//     is a region in it.
//   - Number of goroutines: runtime.NumGoroutine and profiles count parked workers,
//     and the reaper while there are workers. [Stats] counts parked workers apart,
//     and the module leak finds both in profiles.
//
// When tasks run:
//
//   - Time for others: a worker that finds task after task passes the scheduler when
//     it has served for 100 us; goroutines that end pass it each time. Timers and
//     network beside a pool are as punctual as beside go.
//   - Stuck programs: "all goroutines are asleep" is said as with go, at once if no
//     worker is parked, and else when the reaper has ended those that are: within
//     idle.ShrinkBound of the idle timeout, 12.5 s by default.
//   - Order under a limit: with a limit of one the end of a task synchronizes before
//     the start of the next. With a higher one, tasks that happen to get one place
//     after the other are ordered by that, so the race detector sees fewer of their
//     races than it does between goroutines.
//
// # In tests and in race builds
//
// A program that calls lfpool.Go in place of go can be tested in the same way:
// there is nothing to import, to call or to set. For that a pool follows other
// rules in a test binary (testing.Testing reports true, whatever the binary is
// called and whichever flags it has).
//
// In a bubble of testing/synctest each pool has goroutines, limit and backlog of
// that bubble alone:
//
//   - A pool that was not made in the bubble, as lfpool.Default and those of
//     package-level variables, and one that was made in it without [WithIdleTimeout]
//     and [WithRetention], keeps no worker there. Without a limit each task gets a
//     goroutine of its own, which the submitter starts, so fake time, synctest.Wait
//     and the bubble's message on deadlocks are as with go. With a limit of n
//     up to n workers take queued tasks, and each ends when it finds none. So nothing
//     is left when the bubble's main goroutine returns.
//   - A pool that was made in the bubble with one of these options has in it the
//     workers and the reaper that it has in production. They go when fake time
//     passes; the bubble drains the pool, or sleeps for idle.ShrinkBound, before
//     it returns.
//   - Limit and backlog count the bubble's tasks only. [Pool.SetLimit], called in the
//     bubble, is for the bubble, which begins with the limit outside; [Pool.Limit]
//     and [Pool.InFlight] tell of the bubble, and [Pool.Drain] waits for its tasks.
//     [Pool.Stats] has the sums of all bubbles.
//   - A [Keyed] or a [Fair] is not divided so: its keys, bounds and places are those
//     of the whole program. A bubble that shares one with tasks outside may wait for
//     what only these can give, and is then told to be deadlocked. Make one in the
//     bubble.
//
// Elsewhere in a test binary the default idle timeout is 16 ms in place of
// [DefaultIdleTimeout]: idle workers and the reaper have gone after 20 ms, before a
// leak check that looks again gives up. For checks that look once there is package
// lfpooltest.
//
// The price is a look at where the caller is, 40 ns for each call of a method that
// submits (BenchmarkBubble in internal/goroutine; a microsecond in a bubble), in
// test binaries only. Benchmarks of go test pay it; those of the module bench are
// ordinary programs.
//
// With -race, in tests or not, tasks must be ordered by what orders goroutines and
// by nothing else, or races between them go unseen. So every pool without a limit
// starts a goroutine for each task, from the submitter itself; names, panic
// handlers, Drain and Stats are as ever. One with a limit works as in production,
// and its places order the tasks, as do the one lock of a [Fair] and the turns of a
// key. With -race a pool is for finding races, not for measuring.
package pool
