/* The pool's lanes (pool/lane.go) without a limit: two of them, the wake chain in each
 * (dispatch.go), hand-overs, workers that are taken for another lane, lingering, and
 * one Drain (drain.go, mark.go, cull.go).
 *
 * One step is one atomic operation of the code; its name stands beside it, and
 * README.md says where the code has it. A lane's queue is first in, first out, and
 * changes in one step, as does the queue of parked workers, a bag. A worker joins the
 * generation that it has loaded, which may be over but not empty. With one Drain there are two
 * generations, so a joiner that comes too late finds the second one at once. The reaper is left
 * out: it ends workers, and pool.pml has it.
 *
 * A submitter chooses a lane for each task, any one: so a home that moves and a
 * submitter that goes by where a worker lingers are in it.
 *
 * Two ghosts, which the code does not have. If a task is queued in a lane, somebody is
 * responsible for that lane. And a Drain that finds the pool quiet remembers whether it
 * was at the look at the first lane.
 *
 * Parameters: SUBMITTERS, TASKS (each), BLOCK (a task ends only when all have started),
 * NEVER_END (a task may never end), FIXED (the lane of each task, a bit
 * each), NO_HANDS (no hand-over), DRAIN, LATE (Drain begins when
 * all has been submitted), LINGER, WORKERS (room in the model; reaching
 * it is an error).
 * Seeded bugs: FORGET_LANE, QUIET_FIRST, HOME_MOVED, HINT_TRUSTED, LANE_KEPT,
 * LOOK_ELSEWHERE, LOOK_FIRST, NO_SUCCESSOR, SLOT_BY_STORE, NO_MISSED,
 * DUTY_FORGOTTEN.
 */
#ifndef SUBMITTERS
#define SUBMITTERS 2
#endif
#ifndef TASKS
#define TASKS 1
#endif
#ifndef WORKERS
#define WORKERS 5
#endif
#define ALL (SUBMITTERS * TASKS)
#ifdef DRAIN
#define DRAINS 1
#else
#define DRAINS 0
#endif

#define SEARCHER 1
#define LINGERER 2

#define NOTHING 100 /* a wake-up without a task */
#define MARK    101
#define RETIRE  102
#define NOBODY  255
#define ANY     254 /* a new worker may be of any generation */

chan queue[2] = [ALL + 1] of { byte };
byte search[2];
byte slot[2] = NOBODY;     /* the slots */
bool parked[WORKERS];      /* the queue of parked workers */
chan mailbox[WORKERS] = [1] of { byte, byte, byte }; /* what, the lane, the duty */
byte made;                 /* workers ever made */
byte lingers = NOBODY;     /* the lane where a worker lingers */
byte generation;                  /* 0, and 1 once it has been turned */
byte members[2];           /* of a generation: its workers; one more while it is current */
byte eraOf[WORKERS];
byte marksLeft;

/* Ghosts. */
bool taken[WORKERS];       /* somebody has taken the worker out of a slot or the queue */
bool started[ALL];
bool accepted[ALL];
bool over[ALL];            /* the task has ended */
byte startedAll;
byte lookers[2];           /* have yet to look at the lane's queue, or at its search word */
byte joined;               /* workers that have joined generation 1 */
byte drained;
byte ended;                /* submitters that have ended */

#define RESPONSIBLE(l) (len(queue[l]) == 0 || search[l] != 0 || lookers[l] > 0)
#ifdef UNWATCHED
#define watch(x) skip
#else
#define watch(x) assert(x)
#endif

inline takeSlot(ln) {
	if                                                       /* pool.pop.load */
	:: slot[ln] != NOBODY ->
		atomic {                                         /* pool.pop.swap */
			w = slot[ln];
			if
			:: w != NOBODY -> assert(!taken[w]); taken[w] = true
			:: else
			fi;
#ifdef SLOT_BY_STORE
		};
		atomic {
#endif
			slot[ln] = NOBODY
		}
	:: else
	fi
}

/* Take a parked worker but the last of the lane, if there is one: w. */
inline takeParked(ld) {
	atomic {                                                 /* pool.pop.dequeue */
		n = 0;
		do
		:: n < WORKERS && parked[n] -> parked[n] = false; w = n; assert(!taken[w]); taken[w] = true; break
		:: n < WORKERS && !parked[n] -> n++
		:: n == WORKERS -> break
		od;
		n = 0
	}
	if
	:: w == NOBODY -> takeSlot((1 - ld))                     /* pool.pop.other */
	:: else
	fi
}

inline unpark(uwhat, lu, uduty) {
	atomic {                                                 /* pool.unpark.send */
		taken[w] = false;
		mailbox[w]!uwhat, lu, uduty;
		w = NOBODY
	}
}

/* Take the searcher's duty of l if nobody has one there. The caller may be a looker,
 * who is done with that now: late is 1. */
inline startSearch(lt, late) {
	atomic {                                                 /* pool.search.take */
		take = (search[lt] == 0);
		if
		:: take -> search[lt] = SEARCHER
		:: else
		fi;
		lookers[lt] = lookers[lt] - late
	}
}

/* wake(task, l, generation): give it to a parked worker or to a new one, with the duty of l. A
 * new one is of that generation, or, if that is empty, not needed: then the duty is released,
 * and who does so looks again. */
inline wake(wtask, lw, wonly) {
	atomic { again = true; only = wonly; what = wtask };
	do
	:: again ->
		takeSlot(lw);
		if
		:: w == NOBODY ->
			takeParked(lw);
			if
			:: w != NOBODY && what != NOTHING ->
				atomic { queue[lw]!what; what = NOTHING } /* pool.wake.enqueue */
			:: else
			fi
		:: else
		fi;
		if
		:: w != NOBODY && eraOf[w] != generation -> unpark(RETIRE, 0, 0)
		:: w != NOBODY && eraOf[w] == generation -> again = false; unpark(what, lw, SEARCHER)
		:: w == NOBODY ->
			e = (only == ANY -> generation : only);         /* generation.join.load */
			atomic {                                 /* generation.enter */
				if
				:: only == ANY && members[e] == 0 -> e = generation
				:: else
				fi;
				again = (members[e] == 0);
				if
				:: !again ->                     /* pool.spawn.worker */
					assert(made < WORKERS);
					eraOf[made] = e;
					members[e]++;
					joined = joined + e;
					mailbox[made]!what, lw, SEARCHER;
					run worker(made);
					made++
				:: else
				fi;
				e = 0
			}
			if
			:: again ->
				atomic {                         /* pool.passon.release */
					search[lw] = search[lw] & (3 - SEARCHER);
					free = (search[lw] == 0);
					lookers[lw] = lookers[lw] + free;
					only = generation;
					watch(RESPONSIBLE(lw))
				}
				if
				:: free && len(queue[lw]) != 0 -> startSearch(lw, 1); atomic { again = take; take = false }
				:: atomic { free && len(queue[lw]) == 0 -> lookers[lw]--; again = false }
				:: !free -> again = false
				fi;
				free = false
			:: else
			fi
		fi
	:: else -> atomic { only = 0; what = 0 }; break
	od
}

/* Make sure that somebody has a duty in l. The caller is a looker. */
inline wakeOne(lk, konly) {
	startSearch(lk, 1);
	if
	:: take -> take = false; wake(NOTHING, lk, konly)         /* pool.wakeone.wake */
	:: else
	fi
}

/* Lay the duty of l down, then look at l. */
inline passOn(lp) {
#ifdef LOOK_FIRST
	dry = (len(queue[lp]) == 0);
#endif
	atomic {                                                 /* pool.passon.release */
		search[lp] = search[lp] & (3 - mine);
		mine = 0;
		free = (search[lp] == 0);
#ifdef NO_SUCCESSOR
		free = false;
#endif
#ifdef LOOK_FIRST
		free = free && !dry;
#endif
		lookers[lp] = lookers[lp] + free;
		watch(RESPONSIBLE(lp))
	}
	only = generation;                                              /* look.generation */
	if
#ifdef LOOK_ELSEWHERE
	:: free && len(queue[1 - lp]) != 0 -> wakeOne(lp, only)
	:: atomic { free && len(queue[1 - lp]) == 0 -> lookers[lp]--; watch(RESPONSIBLE(lp)) }
#else
	:: free && len(queue[lp]) != 0 -> wakeOne(lp, only)           /* pool.passon.look */
	:: atomic { free && len(queue[lp]) == 0 -> lookers[lp]-- }
#endif
	:: !free
	fi;
	atomic { free = false; only = 0 }
}

/* End the parked workers of generation 0. Era 1 does not end, so those of it are put back. */
inline cull() {
	do
	:: takeSlot(0);
		if
		:: w == NOBODY -> takeParked(0)
		:: else
		fi;
		if
		:: w == NOBODY -> break
		:: w != NOBODY && eraOf[w] != generation -> unpark(RETIRE, 0, 0)
		:: w != NOBODY && eraOf[w] == generation -> kept[w] = true; w = NOBODY
		fi
	od;
	atomic {                                                 /* pool.queueup.enqueue */
		n = 0;
		do
		:: n < WORKERS ->
			if
			:: kept[n] -> kept[n] = false; taken[n] = false; parked[n] = true
			:: else
			fi;
			n++
		:: else -> break
		od;
		n = 0
	}
}

inline turn() {
	generation = 1;                                                 /* generation.turn */
	members[0]--;                                            /* generation.leave.count */
	cull()
}

proctype worker(byte me) {
	byte f, l, mine, n, e, only, what, w = NOBODY;
	bool take, free, again, worked;
	bool kept[WORKERS];
#ifdef LOOK_FIRST
	bool dry;
#endif
	mailbox[me]?f, l, mine;                                     /* pool.run.start */
work:
	if
	:: f == NOTHING && eraOf[me] != generation ->                   /* cull.goes */
		if
		:: mine != 0 -> passOn(l)
		:: else
		fi;
		goto gone
	:: f == NOTHING && eraOf[me] == generation ->
		atomic {                                         /* pool.serve.dequeue */
			if
			:: len(queue[l]) > 0 -> queue[l]?f
			:: else
			fi
		}
	:: else
	fi;
task:
	if
	:: f == MARK ->
		atomic {                                         /* mark.pass */
			f = NOTHING;
			marksLeft--;
			free = (marksLeft == 0)
		}
		if
		:: free -> free = false; turn()
		:: else
		fi;
		goto work
	:: f != MARK && f != NOTHING ->
		if
#ifdef DUTY_FORGOTTEN
		:: mine != 0 && l == 0 -> passOn(l)
		:: mine != 0 && l != 0 -> mine = 0
#else
		:: mine != 0 -> passOn(l)                        /* pool.serve.pass */
#endif
		:: else
		fi;
		atomic {                                         /* pool.serve.task */
			assert(!started[f]);
			started[f] = true;
			worked = true;
			startedAll++
		}
#ifdef BLOCK
		startedAll == ALL;
#endif
#ifdef NEVER_END
		if
		:: true
		:: true ->
endTask:
			false
		fi;
#endif
		atomic { over[f] = true; f = NOTHING };
		goto work
	:: else
	fi;
#ifdef LINGER
	if
	:: true
	:: atomic { lingers == NOBODY && (search[l] & LINGERER) == 0 -> /* pool.linger.take */
		lingers = l;
		search[l] = (search[l] & (3 - mine)) | LINGERER;
		mine = LINGERER };
		atomic {                                         /* pool.linger.poll */
			if
			:: len(queue[l]) > 0 -> queue[l]?f
			:: else
			fi
		}
		lingers = NOBODY;
		if
		:: f != NOTHING -> goto task
		:: else
		fi
	fi;
#endif
	if                                                       /* who has done nothing leaves the slot to others */
	:: worked ->
		atomic {                                         /* pool.enlist.swap */
			worked = false;
			w = slot[l];
			if
			:: w != NOBODY -> assert(!taken[w]); taken[w] = true
			:: else
			fi;
			slot[l] = me
		}
	:: else -> parked[me] = true                             /* pool.queueup.enqueue */
	fi;
	if
	:: w != NOBODY ->
		atomic { f = w; taken[w] = false; parked[w] = true; w = NOBODY } /* pool.enlist.queue */
#ifndef NO_MISSED
		if
		:: eraOf[f] != generation -> f = NOTHING; cull()        /* cull.look */
		:: else
		fi;
#endif
		f = NOTHING
	:: else
	fi;
#ifndef NO_MISSED
	if
	:: eraOf[me] != generation -> cull()                            /* cull.look */
	:: else
	fi;
#endif
	if
	:: mine != 0 -> passOn(l)                                /* pool.rest.pass */
	:: else
	fi;
endPark:
#ifdef LANE_KEPT
	mailbox[me]?f, _, mine;
#else
	mailbox[me]?f, l, mine;                                     /* pool.park.receive */
#endif
	if
	:: f != RETIRE -> goto work
	:: else
	fi;
gone:
	atomic { members[eraOf[me]]--; f = 0; l = 0 }            /* generation.leave.count */
}

proctype submitter(byte t) {
	byte l, n, e, only, what, left = TASKS, w = NOBODY;
	bool take, free, again;
	do
	:: left == 0 -> break
	:: else ->
#ifdef FIXED
		l = (FIXED >> t) & 1;
#else
		if                                               /* pool.submit.lane */
		:: l = 0
		:: l = 1
		fi;
#endif
#ifdef HINT_TRUSTED
		if
		:: atomic { lingers != NOBODY -> l = lingers }; atomic { queue[l]!t; watch(RESPONSIBLE(l)) }; goto done
		:: else
		fi;
#endif
		take = (search[l] == 0);                        /* pool.submit.look */
		if                                               /* calls: a hint, so both ways */
#ifndef NO_HANDS
		:: take ->
			takeSlot(l);
			if
			:: w != NOBODY && eraOf[w] != generation -> unpark(RETIRE, 0, 0)
			:: w != NOBODY && eraOf[w] == generation -> take = false; unpark(t, l, 0); goto done /* pool.handover.unpark */
			:: else
			fi
#endif
		:: true
		fi;
		if
		:: take -> startSearch(l, 0)
		:: else
		fi;
		if
		:: take -> take = false; wake(t, l, ANY)         /* pool.submit.wake */
		:: else ->
			atomic {                                 /* pool.submit.enqueue */
				queue[l]!t;
#ifdef HOME_MOVED
				l = 1 - l;
#endif
				lookers[l]++;
				watch(RESPONSIBLE(0) && RESPONSIBLE(1))
			}
			wakeOne(l, ANY)                             /* pool.submit.wakeone */
		fi;
done:
		atomic { accepted[t] = true; t++; left--; l = 0 }
	od;
	ended++
}

#ifdef DRAIN
proctype drainer() {
	byte n, e, only, what, w = NOBODY;
	bool take, free, again, dry, quiet, wasQuiet;
	bool before[ALL];
	bool kept[WORKERS];
	atomic {
#ifdef LATE
		ended == SUBMITTERS;
#endif
		for (n : 0 .. ALL - 1) { before[n] = accepted[n] }
		n = 0
	}
	dry = (len(queue[0]) == 0);                            /* mark.empty */
#ifndef FORGET_LANE
	dry = dry && len(queue[1]) == 0;                     /* mark.empty */
#endif
	if
	:: dry -> turn()
	:: else ->
#ifdef FORGET_LANE
		marksLeft = 1;
#else
		marksLeft = 2;
#endif
		atomic { queue[0]!MARK; lookers[0]++ };          /* mark.enqueue */
		wakeOne(0, 0);
#ifndef FORGET_LANE
		atomic { queue[1]!MARK; lookers[1]++ };          /* mark.enqueue */
		wakeOne(1, 0)
#endif
	fi;
	members[0] == 0;                                         /* mark.await */
	atomic {
		for (n : 0 .. ALL - 1) { assert(!before[n] || over[n]) }
		n = 0
	}
#ifdef QUIET_FIRST
	quiet = (joined == 0);
#endif
	atomic {                                                 /* generation.quiet.empty */
		wasQuiet = (len(queue[0]) == 0 && len(queue[1]) == 0 && members[1] == 1);
		dry = (len(queue[0]) == 0)
	}
	dry = dry && len(queue[1]) == 0;                     /* generation.quiet.empty */
#ifndef QUIET_FIRST
	quiet = (joined == 0);                                   /* generation.quiet.untouched */
#endif
	assert(!(dry && quiet) || wasQuiet);
	drained++
}
#endif

#ifdef LIVENESS
/* Every task starts, even if others never end. */
ltl starts { <> (startedAll == ALL) }

/* Drain comes to its end. */
ltl drains { <> (drained == DRAINS) }
#else
/* When nothing can move any more, every task has started and nobody has a duty. */
active proctype atRest() {
endRest:
	timeout ->
	assert(startedAll == ALL);
	assert(len(queue[0]) == 0 && len(queue[1]) == 0);
	assert(search[0] == 0 && search[1] == 0);
	assert(lookers[0] == 0 && lookers[1] == 0);
	assert(drained == DRAINS)
}
#endif

init {
	byte n;
	atomic {
		members[0] = 1;
		members[1] = 1;
		for (n : 0 .. SUBMITTERS - 1) { run submitter(n * TASKS) }
#ifdef DRAIN
		run drainer()
#endif
	}
}
