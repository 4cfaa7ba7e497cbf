/* The pool: the wake chain (pool/dispatch.go), lingering (linger.go), parking
 * (park.go, worker.go), and the reaper with its control word (package idle).
 *
 * One step is one atomic operation of the code; its name stands beside it, and
 * README.md says where the code has it. The two queues are bags that change in one
 * step: the pool needs no order, and the queues have models of their own. Parked
 * workers are all alike, so a waker finds the one with the lowest number.
 *
 * A task returns, or ends its worker with Goexit. A panic that the pool's handler
 * takes is a return; one that nobody takes ends the program.
 *
 * In a search for safety the reaper may retire any parked worker at any time, which
 * is more than it does, and nothing goes on for ever: what is not at rest in the end
 * is stuck. In a search for liveness it does what the code does: it looks again and
 * again, and goes by the low-water mark, with PARTS parts to a timeout where the code
 * has four.
 *
 * Parameters: SUBMITTERS, TASKS (each), BLOCK (a task ends only when all tasks
 * have started), LIMIT (of workers, 0 for none), NEVER_END (a task may never end), LINGER_ON (a lingerer may look
 * for ever), NO_LINGER, NO_TICK (the idle
 * timeout never ends), PARTS (to a timeout, 1 or 2), WORKERS (room in the model;
 * reaching it is an error).
 * Seeded bugs: NO_SUCCESSOR, DUTY_KEPT, DUTY_LATE, LOOK_FIRST, NO_SEEK, NO_CAS,
 * NO_PASS_BEFORE_PARK, EXIT_BY_STORE, RETIRE_UNOWNED, GOEXIT_UNCOUNTED, LAST_KEPT,
 * NO_DEMOTE, LOW_NOT_RAISED; with a limit NO_SECOND_TRY, PARK_NO_LOOK,
 * LEAVE_NO_LOOK.
 */
#ifndef SUBMITTERS
#define SUBMITTERS 2
#endif
#ifndef TASKS
#define TASKS 2
#endif
#ifndef WORKERS
#define WORKERS 5
#endif
#define ALL (SUBMITTERS * TASKS)
#ifndef PARTS
#define PARTS 2
#endif
#ifndef LIMIT
#define LIMIT 0
#endif
#if LIMIT > 0
#define HAS_ROOM (alive < LIMIT)
#else
#define HAS_ROOM true
#endif

#define SEARCHER 1
#define LINGERER 2

#define NOTHING 100 /* a wake-up without a task */
#define RETIRE  101
#define NOBODY  102

byte lookout;              /* the duties held */
byte searchers;            /* how many believe that they have the searcher's */
bool queued[ALL];          /* the task queue */
byte waiting;              /* tasks in it */
bool started[ALL];
byte startedAll;
byte last = NOBODY;        /* the worker that parked last */
bool parked[WORKERS];      /* the queue of parked workers */
byte idle;                 /* workers in it */
chan slot[WORKERS] = [1] of { byte };
byte ended;                /* submitters that have ended */
byte made;                 /* workers ever made */
byte alive;                /* control word: workers */
bool up;                   /* control word: the reaper's bit */
byte reapers;              /* reapers that run */
#ifdef LIVENESS
byte count, low;           /* the gauge */
#endif

inline gaugePark() {
#ifdef LIVENESS
	count++                                                  /* gauge.park */
#else
	skip
#endif
}

inline gaugeUnpark() {
#ifdef LIVENESS
	atomic {                                                 /* gauge.unpark.sub */
		assert(count > 0);
		count--;
		low = (count < low -> count : low)
	}
#else
	skip
#endif
}

/* Take a parked worker out of the queue. */
inline dequeueParked(w) {
	atomic {
		w = 0;
		do
		:: w == WORKERS -> w = NOBODY; break
		:: w < WORKERS && parked[w] ->
#ifndef RETIRE_UNOWNED
			parked[w] = false;
			idle--;
#endif
			break
		:: else -> w++
		od
	}
}

/* Put w, which the caller owns, into the queue. */
inline queueUp(w) {
	if
	:: w != NOBODY ->
		gaugePark();
		atomic { assert(!parked[w]); parked[w] = true; idle++; w = NOBODY } /* pool.queueup.enqueue */
	:: else
	fi
}

/* Take the searcher's duty if nobody has one. */
inline takeSearch() {
#ifdef NO_CAS
	if
	:: lookout == 0 -> atomic { lookout = lookout | SEARCHER; searchers++; assert(searchers == 1); take = true }
	:: else -> take = false
	fi
#else
	atomic {                                                 /* pool.search.take */
		if
		:: lookout == 0 -> lookout = SEARCHER; searchers++; assert(searchers == 1); take = true
		:: else -> take = false
		fi
	}
#endif
}

/* Put w, which the caller owns, where wakers find it. */
inline enlist(who) {
#ifdef LAST_KEPT
	/* The worker that was there is not passed on. */
	atomic { last = who; w = NOBODY };
#else
	atomic { self = who; w = last; last = self; self = 0 };  /* pool.enlist.swap */
#endif
	queueUp(w)                                               /* pool.enlist.queue */
}

/* Take a parked worker, if there is one: w. */
inline dismiss() {
	if                                                       /* pool.dismiss.load */
	:: last != NOBODY -> atomic { w = last; last = NOBODY }  /* pool.dismiss.swap */
	:: else
	fi;
	if
	:: w == NOBODY ->
		dequeueParked(w);                                /* pool.dismiss.dequeue */
		if
		:: w != NOBODY -> gaugeUnpark()
		:: else
		fi
	:: else
	fi
}

/* wake(task): give it to a parked worker or to a new one. If there is no worker
 * to be had under the limit, queue it and give the duty back; then look again. */
inline wake(task) {
	atomic { job = task; again = true };
	do
	:: again ->
		again = false;
		dismiss();
		if
		:: w != NOBODY ->
			atomic { slot[w]!job; w = NOBODY }       /* pool.unpark.send */
		:: else ->
			atomic {                                 /* control.hire.add */
				hired = HAS_ROOM;
				if
				:: hired ->
					alive++;
					bring = !up;
					up = true
				:: else
				fi
			}
			if
			:: hired ->
				hired = false;
				if
				:: bring -> atomic { bring = false; run reaper() } /* pool.spawn.reaper */
				:: else
				fi;
				atomic {                         /* pool.spawn.worker */
					assert(made < WORKERS);
					slot[made]!job;
					run worker(made);
					made++
				}
#if LIMIT > 0
			:: else ->
				if
				:: job != NOTHING ->
					atomic { queued[job] = true; waiting++; job = NOTHING } /* pool.wake.enqueue */
				:: else
				fi;
				atomic {                         /* pool.giveback.lay */
					searchers--;
					lookout = lookout & LINGERER
				}
#ifndef NO_SECOND_TRY
				if                               /* pool.giveback.look */
				:: waiting != 0 ->
					dismiss();               /* pool.giveback.dismiss */
					if
					:: w == NOBODY ->
						if               /* pool.giveback.room */
						:: HAS_ROOM -> takeSearch(); again = take; take = false
						:: else
						fi
					:: else ->
						takeSearch();    /* pool.giveback.take */
						if
						:: take -> atomic { take = false; slot[w]!NOTHING; w = NOBODY } /* pool.giveback.unpark */
						:: else ->
							enlist(w); /* pool.giveback.enlist */
							if       /* pool.giveback.again */
							:: waiting != 0 -> takeSearch(); again = take; take = false
							:: else
							fi
						fi
					fi
				:: else
				fi
#endif
#endif
			fi
		fi
	:: else -> break
	od;
	job = NOTHING
}

/* Make sure that somebody has a duty. */
inline seek() {
	takeSearch();
	if
	:: take -> take = false; wake(NOTHING)                   /* pool.seek.wake */
	:: else
	fi
}

/* Look at the task queue. */
inline look() {
	if
	:: waiting != 0 -> seek()                                /* pool.look */
	:: else
	fi
}

/* Lay the duty down, then look. */
inline passOn() {
#ifdef LOOK_FIRST
	dry = (waiting == 0);
#endif
	atomic {                                                 /* pool.passon.lay */
		searchers = (mine == SEARCHER -> searchers - 1 : searchers);
		lookout = lookout & (3 - mine);
		free = (lookout == 0);
		mine = 0
	}
	if
#ifdef LOOK_FIRST
	:: free && !dry ->
#else
	:: free && waiting != 0 ->                               /* pool.passon.look */
#endif
#ifdef NO_SUCCESSOR
		skip
#else
		seek()
#endif
	:: else
	fi;
	free = false
}

inline dequeue() {
	atomic {                                                 /* pool.serve.dequeue */
		f = NOTHING;
		if
		:: waiting > 0 ->
			f = 0;
			do
			:: queued[f] -> queued[f] = false; waiting--; break
			:: else -> f++
			od
		:: else
		fi
	}
}

proctype worker(byte me) {
	byte f, self, w = NOBODY, job = NOTHING;
	byte mine = SEARCHER;
	bool bring, take, free, hired, again;
#ifdef LOOK_FIRST
	bool dry;
#endif
	slot[me]?f;                                              /* pool.run.start */
work:
	if
	:: f == NOTHING -> dequeue()
	:: else
	fi;
	if
	:: f != NOTHING ->
#if !defined(DUTY_KEPT) && !defined(DUTY_LATE)
		if
		:: mine != 0 -> passOn()                         /* pool.serve.pass */
		:: else
		fi;
#endif
		atomic {                                         /* pool.serve.task */
			assert(!started[f]);
			started[f] = true;
			startedAll++;
			f = NOTHING
		}
#ifdef BLOCK
		startedAll == ALL; /* user code that waits for every other task */
#endif
		if
		:: true
		:: true -> goto exit
#ifdef NEVER_END
		:: true ->
endTask:
			false
#endif
		fi;
#ifdef DUTY_LATE
		if
		:: mine != 0 -> passOn()
		:: else
		fi;
#endif
		goto work
	:: else
	fi;
	/* linger, or not */
	if
	:: true
#ifndef NO_LINGER
	:: atomic { (lookout & LINGERER) == 0 ->                 /* pool.linger.take */
		searchers = (mine == SEARCHER -> searchers - 1 : searchers);
		lookout = (lookout & (3 - mine)) | LINGERER;
		mine = LINGERER };
#ifdef LINGER_ON
		do
		:: dequeue();
			if
			:: f != NOTHING -> goto work
			:: else
			fi
		:: break
		od
#else
		dequeue();                                       /* pool.linger.poll */
		if
		:: f != NOTHING -> goto work
		:: else
		fi
#endif
#endif
	fi;
	enlist(me);                                              /* pool.rest.enlist */
#ifndef NO_PASS_BEFORE_PARK
	if
	:: mine != 0 -> passOn()                                 /* pool.rest.pass */
	:: else
	fi;
#endif
#if LIMIT > 0 && !defined(PARK_NO_LOOK)
	look();                                                  /* pool.rest.look */
#endif
endPark:
	slot[me]?f;                                              /* pool.park.receive */
	if
	:: f == RETIRE -> f = NOTHING; goto gone
	:: else -> mine = SEARCHER; goto work
	fi;
exit:
#ifndef GOEXIT_UNCOUNTED
	alive--;                                                 /* pool.unwind.leave */
#endif
#ifndef LEAVE_NO_LOOK
	look();                                                  /* pool.unwind.look */
#endif
gone:
	skip
}

/* Move the worker that parked last into the queue. The caller has taken it. */
inline demote() {
	if
	:: w != NOBODY ->
		queueUp(w);                                      /* pool.demote.queue */
#if LIMIT > 0
		look()                                           /* pool.demote.look */
#endif
	:: else
	fi
}

inline retire() {
	gaugeUnpark();
	alive--;                                                 /* control.leave */
	atomic { slot[w]!RETIRE; w = NOBODY };                   /* pool.retire.close */
#ifndef LEAVE_NO_LOOK
	look()                                                   /* pool.discharge.look */
#else
	skip
#endif
}

proctype reaper() {
	byte self, w = NOBODY, job = NOTHING;
	bool bring, take, hired, again;
#ifdef LIVENESS
	byte n, gone, i;
	byte marks[PARTS];
#endif
	atomic { reapers++; assert(reapers == 1) }
	do
	::
#ifdef EXIT_BY_STORE
		if
		:: alive == 0 -> reapers--; up = false; goto out
		:: else
		fi;
#else
		atomic {                                         /* control.exit */
			if
			:: alive == 0 && up -> up = false; reapers--; goto out
			:: else
			fi
		}
#endif
#ifdef LIVENESS
#ifndef NO_DEMOTE
		atomic { w = last; last = NOBODY };              /* pool.demote.swap */
		demote();
#endif
		atomic {                                         /* gauge.low.raise */
			n = low;
#ifndef LOW_NOT_RAISED
			low = count;
#endif
			marks[i] = n;                            /* lowwater.excess */
			i = (i + 1) % PARTS;
			n = (marks[i] < n -> marks[i] : n) /* PARTS is 1 or 2 */
		}
		do
		:: gone < n ->
			dequeueParked(w);                        /* pool.retire.dequeue */
			if
			:: w == NOBODY -> break
			:: else
			fi;
			retire();
			gone++
		:: else -> break
		od;
		atomic {                                         /* lowwater.retired */
			n = 0;
			do
			:: n < PARTS -> marks[n] = marks[n] - gone; n++
			:: else -> break
			od;
			n = 0;
			gone = 0
		}
#else
endTick:
		/* Another look is for nothing until somebody parks or the last has gone. */
		if
		:: alive == 0
#ifndef NO_TICK
		:: atomic { last != NOBODY -> w = last; last = NOBODY };
			demote()
		:: idle > 0 ->
			dequeueParked(w);
			if
			:: w != NOBODY -> retire()
			:: else
			fi
#endif
		fi
#endif
	od;
out:
	skip
}

proctype submitter(byte t) {
	byte self, w = NOBODY, job = NOTHING, left = TASKS;
	bool bring, take, hired, again;
	do
	:: left == 0 -> break
	:: else ->
		takeSearch();
		if
		:: take ->
			take = false;
			if
			:: wake(t)                               /* pool.submit.wake */
			:: atomic { queued[t] = true; waiting++ }; wake(NOTHING) /* pool.submit.busy */
			fi
		:: else ->
			atomic { queued[t] = true; waiting++ }   /* pool.submit.enqueue */
#ifndef NO_SEEK
			seek()                                   /* pool.submit.seek */
#endif
		fi;
		atomic { t++; left-- }
	od;
	ended++
}

#ifdef LIVENESS
/* Every task starts, even if others never end. */
ltl starts { <> (startedAll == ALL) }

/* A pool that nobody submits to any more becomes empty; then nobody is left who
 * could change that. */
ltl empties { <> (ended == SUBMITTERS && alive == 0 && !up && reapers == 0 && idle == 0 && last == NOBODY && lookout == 0) }
#else
/* When nothing can move any more, every task has started, nobody has a duty, no
 * worker is left and the reaper has gone. */
active proctype atRest() {
endRest:
	timeout ->
	assert(startedAll == ALL);
	assert(waiting == 0);
	assert(lookout == 0);
#ifndef NO_TICK
	assert(alive == 0);
	assert(!up && reapers == 0)
#endif
}
#endif

init {
	byte n;
	atomic {
		for (n : 0 .. SUBMITTERS - 1) { run submitter(n * TASKS) }
	}
}
