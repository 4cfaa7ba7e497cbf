/* The pool: the wake chain (pool/dispatch.go), lingering (linger.go), parking
 * (park.go, worker.go), and the reaper with its control word (package idle).
 *
 * One step is one atomic operation of the code; its name stands beside it, and
 * README.md says where the code has it. The two queues are bags that change in one
 * step: the pool needs no order, and the queues have models of their own. Parked
 * workers are all alike, so a waker finds the one with the lowest number.
 *
 * Two things have models of their own: that the reaper sleeps without a timer while
 * nobody is parked (asleep.pml), and Drain (drain.pml).
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
 * Two invariants are watched by ghosts, which the code does not have. Each follows
 * from where the processes stand, so they add no states. A worker has one owner.
 * If a task is queued, somebody is responsible for it: asserted after each step that
 * could make it false.
 *
 * Parameters: SUBMITTERS, TASKS (each), BLOCK (a task ends only when all tasks
 * have started), LIMIT (of workers, 0 for none), NEVER_END (a task may never end), LINGER_ON (a lingerer may look
 * for ever), NO_LINGER, NO_TICK (the idle
 * timeout never ends), PARTS (to a timeout, 1 or 2), WORKERS (room in the model;
 * reaching it is an error).
 * Seeded bugs: NO_SUCCESSOR, DUTY_KEPT, DUTY_LATE, LOOK_FIRST, NO_WAKEONE, NO_CAS,
 * NO_PASS_BEFORE_PARK, EXIT_BY_STORE, RETIRE_UNOWNED, SLOT_BY_STORE,
 * GOEXIT_UNCOUNTED, LAST_KEPT, NO_DEMOTE, LOW_NOT_RAISED; with a limit
 * NO_SECOND_TRY, PUT_BACK, LOOK_WITH_DUTY, OWE_IN_TWO, DEBT_KEPT, SETTLE_BLIND,
 * PARK_NO_SETTLE, LEAVE_NO_SETTLE, DEMOTE_NO_SETTLE.
 * UNWATCHED leaves the ghosts' assertions out, so that a bug must show in the end.
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
#define OWED     4         /* no duty: nobody was to be had for it */

#define NOTHING 100 /* a wake-up without a task */
#define RETIRE  101
#define LOOK    102 /* a wake-up without a task, and without the duty */
#define NOBODY  102

byte search;              /* the duties held, and whether a search is owed */
byte searchers;            /* how many believe that they have the searcher's */
bool queued[ALL];          /* the task queue */
byte waiting;              /* tasks in it */
bool started[ALL];
byte startedAll;
byte slot = NOBODY;        /* the worker that parked last */
bool parked[WORKERS];      /* the queue of parked workers */
byte idle;                 /* workers in it */
chan mailbox[WORKERS] = [1] of { byte };
byte ended;                /* submitters that have ended */
byte made;                 /* workers ever made */
byte alive;                /* control word: workers */
bool up;                   /* control word: the reaper's bit */
byte reapers;              /* reapers that run */
#ifdef LIVENESS
byte count, low;           /* the gauge */
#endif

/* Ghosts. */
byte owner[WORKERS];       /* who may act on a worker: one of these, or the process that has taken it */
#define ITSELF  0
#define IN_SLOT  200
#define IN_QUEUE 201
#define GONE    202
byte lookers;              /* how many have yet to look at the queue and then, if it is not empty, at the search word, or have yet to settle */
byte busy;                 /* workers that are going to look at the queue before they park or go */

/* Somebody is responsible for the queued tasks. That a search is owed is not enough. */
#if LIMIT > 0
#define RESPONSIBLE (waiting == 0 || (search & (SEARCHER | LINGERER)) != 0 || lookers > 0 || busy >= LIMIT)
#else
#define RESPONSIBLE (waiting == 0 || search != 0 || lookers > 0)
#endif

#if defined(LIVENESS) || defined(UNWATCHED)
#define watch(x) skip
#else
#define watch(x) assert(x)
#endif

/* Whether somebody settles: after he has parked, put a worker into the queue, or
 * taken one out of the count. */
#if LIMIT > 0 && !defined(PARK_NO_SETTLE)
#define PARK_SETTLES 1
#else
#define PARK_SETTLES 0
#endif
#if LIMIT > 0 && !defined(DEMOTE_NO_SETTLE)
#define DEMOTE_SETTLES 1
#else
#define DEMOTE_SETTLES 0
#endif
#if LIMIT > 0 && !defined(LEAVE_NO_SETTLE)
#define LEAVE_SETTLES 1
#else
#define LEAVE_SETTLES 0
#endif

/* The process takes w, or gives w, which it has, away. In one step with what does it. */
inline own(x, from) { watch(owner[x] == from); owner[x] = _pid }
inline give(x, to) { watch(owner[x] == _pid); owner[x] = to }

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
			own(w, IN_QUEUE);
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
		atomic {                                         /* pool.queueup.enqueue */
			give(w, IN_QUEUE);
			assert(!parked[w]);
			parked[w] = true;
			idle++;
			w = NOBODY
		}
	:: else
	fi
}

/* Take the searcher's duty if nobody has one. The caller may be a looker, who is
 * done with that now: late is 1. */
inline startSearch(late) {
#ifdef NO_CAS
	if
	:: search == 0 -> atomic { search = search | SEARCHER; searchers++; assert(searchers == 1); take = true }
	:: else -> take = false
	fi;
	lookers = lookers - late
#else
	atomic {                                                 /* pool.search.take */
		if
		:: search == 0 -> search = SEARCHER; searchers++; assert(searchers == 1); take = true
		:: else -> take = false
		fi;
		lookers = lookers - late
	}
#endif
}

/* Put a worker, which the caller or the worker itself owns, where wakers find it;
 * parks is 1 if it is the caller. */
inline enlist(who, from, parks) {
	atomic {                                                 /* pool.enlist.swap */
		self = who;
		watch(owner[self] == from);
		w = slot;
#ifdef LAST_KEPT
		w = NOBODY; /* the worker that was there is not passed on */
#endif
		if
		:: w != NOBODY -> own(w, IN_SLOT)
		:: else
		fi;
		slot = self;
		owner[self] = IN_SLOT;
		self = 0;
		busy = busy - parks;
		lookers = lookers + parks * PARK_SETTLES;
		watch(RESPONSIBLE)
	};
	queueUp(w)                                               /* pool.enlist.queue */
}

/* Take a parked worker, if there is one: w. */
inline popParked() {
	if                                                       /* pool.pop.load */
	:: slot != NOBODY ->
		atomic {                                         /* pool.pop.swap */
			w = slot;
			if
			:: w != NOBODY -> own(w, IN_SLOT)
			:: else
			fi;
#ifdef SLOT_BY_STORE
		};
		atomic {
#endif
			slot = NOBODY
		}
	:: else
	fi;
	if
	:: w == NOBODY ->
		dequeueParked(w);                                /* pool.pop.dequeue */
		if
		:: w != NOBODY -> gaugeUnpark()
		:: else
		fi
	:: else
	fi
}

/* End the park of w, which the caller owns. */
inline unpark(what) {
	atomic {
		give(w, ITSELF);
		watch(empty(mailbox[w]));
		busy++;
		mailbox[w]!what;
		w = NOBODY
	}
}

/* Take the debt out of the word: free says whether nobody has a duty. */
inline release() {
	atomic {                                                 /* pool.settle.release */
#ifndef DEBT_KEPT
		search = search & (7 - OWED);
#endif
		free = (search == 0)
	}
}

/* wake(task): give it to a parked worker or to a new one. If there is no worker
 * to be had under the limit, queue it and owe the search; then look again. */
inline wake(task) {
	atomic { job = task; again = true };
	do
	:: again ->
		again = false;
		popParked();
		if
		:: w != NOBODY ->
			if                                       /* in the queue if w was not the last */
			:: true
			:: job != NOTHING ->
				atomic { queued[job] = true; waiting++; job = NOTHING } /* pool.wake.enqueue */
			fi;
			unpark(job)                              /* pool.unpark.send */
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
					mailbox[made]!job;
					run worker(made);
					busy++;
					made++
				}
#if LIMIT > 0
			:: else ->
				if
				:: job != NOTHING ->
					atomic { queued[job] = true; waiting++; job = NOTHING } /* pool.wake.enqueue */
				:: else
				fi;
#ifdef OWE_IN_TWO
				search = search | OWED;
#endif
				atomic {                         /* pool.owe.swap */
					searchers--;
					search = search & (7 - SEARCHER);
#ifndef OWE_IN_TWO
					search = search | OWED;
#endif
#ifndef NO_SECOND_TRY
					lookers++;
#endif
					watch(RESPONSIBLE)
				}
#ifndef NO_SECOND_TRY
				popParked();                       /* pool.owe.pop */
				if                               /* pool.owe.room */
				:: w != NOBODY || HAS_ROOM ->
					release();
					if                       /* pool.owe.look */
					:: free && waiting != 0 -> startSearch(0)
					:: else
					fi;
					free = false;
					if
					:: w == NOBODY -> atomic { again = take; take = false; lookers--; watch(RESPONSIBLE) }
					:: w != NOBODY && take ->
						atomic { take = false; lookers-- };
						unpark(NOTHING)  /* pool.owe.unpark */
					:: w != NOBODY && !take ->
#ifdef PUT_BACK
						enlist(w, _pid, 0);
						if
						:: waiting != 0 -> startSearch(1); again = take; take = false
						:: atomic { waiting == 0 -> lookers-- }
						fi
#else
#ifdef LOOK_WITH_DUTY
						unpark(NOTHING);
#else
						unpark(LOOK);
#endif
						atomic { lookers--; watch(RESPONSIBLE) }
#endif
					fi
				:: atomic { w == NOBODY && !HAS_ROOM -> lookers--; watch(RESPONSIBLE) }
				fi
#endif
#endif
			fi
		fi
	:: else -> break
	od;
	job = NOTHING
}

/* Make sure that somebody has a duty. The caller is a looker. */
inline wakeOne() {
	startSearch(1);
	if
	:: take -> take = false; wake(NOTHING)                   /* pool.wakeone.wake */
	:: else
	fi
}

/* Look at the task queue. The caller is a looker. */
inline look() {
	if
	:: waiting != 0 -> wakeOne()                                /* pool.look */
	:: atomic { waiting == 0 -> lookers-- }
	fi
}

/* Whoever has made a worker, or a place, to be had: if a search is owed, look. The
 * caller is a looker until then. */
inline settle() {
	if                                                       /* pool.settle.owed */
	:: (search & OWED) != 0 ->
		release();
		if
#ifndef SETTLE_BLIND
		:: free -> free = false; look()
#endif
		:: else -> atomic { free = false; lookers--; watch(RESPONSIBLE) }
		fi
	:: atomic { (search & OWED) == 0 -> lookers--; watch(RESPONSIBLE) }
	fi
}

/* Lay the duty down, then look. */
inline passOn() {
#ifdef LOOK_FIRST
	dry = (waiting == 0);
#endif
	atomic {                                                 /* pool.passon.release */
		searchers = (mine == SEARCHER -> searchers - 1 : searchers);
		search = search & (7 - mine);
		free = (search == 0);
		mine = 0;
#ifdef NO_SUCCESSOR
		free = false;
#endif
#ifdef LOOK_FIRST
		free = free && !dry;
#endif
		lookers = lookers + free;
		watch(RESPONSIBLE)
	}
	if
#ifdef LOOK_FIRST
	:: free -> wakeOne()
#else
	:: free && waiting != 0 -> wakeOne()                        /* pool.passon.look */
	:: atomic { free && waiting == 0 -> lookers-- }
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
	bool bring, take, free, hired, again, worked;
#ifdef LOOK_FIRST
	bool dry;
#endif
	mailbox[me]?f;                                              /* pool.run.start */
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
			watch(owner[me] == ITSELF);
			assert(!started[f]);
			started[f] = true;
			startedAll++;
			worked = true;
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
	:: atomic { (search & LINGERER) == 0 ->                 /* pool.linger.take */
		searchers = (mine == SEARCHER -> searchers - 1 : searchers);
		search = (search & (7 - mine)) | LINGERER;
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
	if                                                       /* who has done nothing leaves the slot to others */
	:: worked -> worked = false; enlist(me, ITSELF, 1)       /* pool.rest.enlist */
	:: else ->
		gaugePark();
		atomic {
			watch(owner[me] == ITSELF);
			owner[me] = IN_QUEUE;
			parked[me] = true;
			idle++;
			busy--;
			lookers = lookers + PARK_SETTLES;
			watch(RESPONSIBLE)
		}
	fi;
#ifndef NO_PASS_BEFORE_PARK
	if
	:: mine != 0 -> passOn()                                 /* pool.rest.pass */
	:: else
	fi;
#endif
#if PARK_SETTLES
	settle();                                                /* pool.rest.settle */
#endif
endPark:
	mailbox[me]?f;                                              /* pool.park.receive */
	if
	:: f == RETIRE -> f = NOTHING; goto gone
	:: f == LOOK -> atomic { f = NOTHING; mine = 0 }; goto work
	:: else -> mine = SEARCHER; goto work
	fi;
exit:
	atomic {                                                 /* pool.gone.leave */
#ifndef GOEXIT_UNCOUNTED
		alive--;
#endif
		watch(owner[me] == ITSELF);
		owner[me] = GONE;
		busy--;
		lookers = lookers + LEAVE_SETTLES;
		watch(RESPONSIBLE)
	}
#if LEAVE_SETTLES
	settle();                                                /* pool.gone.settle */
#endif
gone:
	skip
}

/* Move the worker that parked last into the queue. */
inline flushSlots() {
	atomic {                                                 /* pool.flush.swap */
		w = slot;
		slot = NOBODY;
		if
		:: w != NOBODY ->
			own(w, IN_SLOT);
			lookers = lookers + DEMOTE_SETTLES
		:: else
		fi
	}
	if
	:: w != NOBODY ->
		queueUp(w);                                      /* pool.flush.queue */
#if DEMOTE_SETTLES
		settle()                                         /* pool.flush.settle */
#endif
	:: else
	fi
}

/* Take a worker out of the queue to end it. */
inline takeParked() {
	atomic {                                                 /* pool.retire.dequeue */
		dequeueParked(w);
		if
		:: w != NOBODY ->
			lookers = lookers + LEAVE_SETTLES
		:: else
		fi
	}
}

inline retire() {
	gaugeUnpark();
	alive--;                                                 /* control.leave */
	atomic { give(w, GONE); mailbox[w]!RETIRE; w = NOBODY };    /* pool.retire.close */
#if LEAVE_SETTLES
	settle()                                                 /* pool.retire.settle */
#else
	skip
#endif
}

proctype reaper() {
	byte self, w = NOBODY, job = NOTHING;
	bool bring, take, free, hired, again;
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
#ifdef NO_TICK
		alive == 0;
#endif
#ifndef NO_DEMOTE
		flushSlots();
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
			takeParked();
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
		:: slot != NOBODY -> flushSlots()
		:: idle > 0 ->
			takeParked();
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
	bool bring, take, free, hired, again;
	do
	:: left == 0 -> break
	:: else ->
		startSearch(0);
		if
		:: take -> take = false; wake(t)                 /* pool.submit.wake */
		:: else ->
			atomic {                                 /* pool.submit.enqueue */
				queued[t] = true;
				waiting++;
#ifndef NO_WAKEONE
				lookers++;
#endif
				watch(RESPONSIBLE)
			}
#ifndef NO_WAKEONE
			wakeOne()                                   /* pool.submit.wakeone */
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
ltl empties { <> (ended == SUBMITTERS && alive == 0 && !up && reapers == 0 && idle == 0 && slot == NOBODY && search == 0) }

/* The assertions of this leave nothing out. */
ltl responsible { [] RESPONSIBLE }
#else
/* When nothing can move any more, every task has started, nobody has a duty, no
 * worker is left and the reaper has gone. */
active proctype atRest() {
endRest:
	timeout ->
	assert(startedAll == ALL);
	assert(waiting == 0);
	assert(search == 0);
	watch(lookers == 0 && busy == 0);
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
