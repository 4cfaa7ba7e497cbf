/* Drain: pool/drain.go and pool/mark.go.
 *
 * A Drain orders a turn of the generations, waits until the generation that is over is empty,
 * and does so again until nothing was started meanwhile. One step is one atomic
 * operation of the code, or one hold of the lock of the marks; its name stands
 * beside it, and README.md says where the code has it.
 *
 * The task queue is first in, first out. Who hands tasks to whom is another
 * model's (pool.pml): here a task goes to a new worker, to a parked one, or into
 * the queue, and then a worker is started to look for it. A worker that finds
 * nothing parks or ends.
 *
 * Parameters: CHAIN (tasks, each of which submits the next), ALONE (tasks beside
 * them, from a submitter of their own), DRAINS, PARK (workers may park; those of
 * one generation are alike), FORGO (a Drain may give up while it waits), ERAS (room in
 * the model: it is an error if the Drains make more turns than there is room for).
 * Seeded bugs: QUIET_NO_EMPTY, QUIET_TOUCHED, QUIET_THIS_ERA, QUIET_LAST_ERA,
 * JOIN_EMPTY, JOIN_UNCOUNTED, EARLIER_FORGOTTEN, PARK_NO_LOOK, ONCE; KEEP_STEP,
 * which joins the current generation alone, so that who is overtaken by a turn joins the
 * next one and has the Drain turn again; TURN_NO_EMPTY, which turns at once
 * although tasks are queued.
 */
#ifndef CHAIN
#define CHAIN 2
#endif
#ifndef ALONE
#define ALONE 0
#endif
#ifndef DRAINS
#define DRAINS 1
#endif
#ifndef ERAS
#define ERAS 4
#endif
#define NOTHING 100
#define MARK    101
#define RETIRE  102
#define NONE    103

byte generation;                             /* the current one */
byte members[ERAS];                   /* a generation's word: the count, */
bool touched[ERAS];                   /* and whether one has joined */
bool over[ERAS];                      /* its count has come to 0 */
byte markOf[ERAS];                    /* the mark that has ended it */
chan queue = [CHAIN + ALONE + 1] of { byte };
byte queuedMark = NONE, nextMark = NONE; /* guarded by the lock of the marks, as are the next two */
byte waiting[ERAS];                   /* Drains that wait for a mark */
byte marks;                           /* ever made */
byte follows[ERAS];                   /* the generation that follows a mark */
bool closed[ERAS];                    /* its channel */
byte parked[ERAS];                    /* workers of a generation that are parked */
byte accepted, ended;                 /* tasks */
byte returned;                        /* Drains */
bool lock;                            /* held over several steps by promote alone */

inline leave(x) {
	atomic { i = x; more = true };
	do
	:: more ->
		atomic {                                         /* generation.leave.count */
			members[i]--;
			more = (members[i] == 0 && !over[i]);
			if
			:: more -> over[i] = true
			:: else
			fi
		};
		if
		:: more -> closed[markOf[i]] = true; i++         /* generation.leave.close */
		:: else
		fi
	:: else -> break
	od;
	i = 0
}

/* Join the current generation, or only one, which may be over, unless it has come to 0:
 * e is it, or NONE. */
inline join(only) {
	do
	::
		e = (only == NONE -> generation : only);                /* generation.join.load */
		atomic {                                         /* generation.enter */
			if
#if defined(JOIN_EMPTY) || defined(KEEP_STEP)
			:: true ->
#else
			:: members[e] > 0 ->
#endif
				members[e]++;
#ifndef JOIN_UNCOUNTED
				touched[e] = true;
#endif
#ifndef KEEP_STEP
				break
#endif
#if !defined(JOIN_EMPTY) && !defined(KEEP_STEP)
			:: else ->
				e = NONE;
				if
				:: only != NONE -> break
				:: else
				fi
#endif
			fi
		};
#ifdef KEEP_STEP
		if
		:: generation == e -> break
		:: else -> leave(e); e = NONE;
			if
			:: only != NONE -> break
			:: else
			fi
		fi
#endif
	od
}

/* Start a worker with f, which may be NOTHING. */
inline start(f, only) {
	join(only);
	if
	:: e != NONE ->
		atomic {                                         /* pool.spawn.worker */
			accepted = accepted + (f != NOTHING);
			run worker(e, f);
			e = NONE
		}
	:: else
	fi
}

/* Look at the queue; a worker that is needed is needed in this generation only. */
inline look() {
	last = generation;                                              /* look.generation */
	if
	:: nempty(queue) -> start(NOTHING, last)                 /* pool.look */
	:: empty(queue)
	fi;
	last = 0
}

/* Take a parked worker, of the generation w. */
inline popParked() {
	atomic {                                                 /* pool.pop.dequeue */
		w = 0;
		do
		:: w == ERAS -> w = NONE; break
		:: w < ERAS && parked[w] > 0 -> parked[w]--; break
		:: else -> w++
		od
	}
}

inline retire() {
	atomic { run worker(w, RETIRE); w = NONE }               /* pool.retire.close */
}

inline submit(f) {
	if
	:: true ->
#ifdef PARK
		popParked();
		if
		:: w != NONE && w != generation -> retire(); start(f, NONE) /* cull.leave */
		:: w == generation ->
			atomic { run worker(w, f); accepted++; w = NONE } /* pool.unpark.send */
		:: w == NONE -> start(f, NONE)
		fi
#else
		start(f, NONE)
#endif
	:: true ->
		atomic { queue!f; accepted++ };                  /* pool.submit.enqueue */
		start(NOTHING, NONE)
	fi
}

inline turn(m) {
	atomic {                                                 /* generation.turn */
		last = generation;
#ifdef EARLIER_FORGOTTEN
		members[last + 1] = 1;
#else
		members[last + 1] = 2;
#endif
		markOf[last] = m;
		follows[m] = last + 1;
		generation = last + 1;
		turned = true
	}
}

/* End the parked workers that must go. */
inline cull() {
#ifdef PARK
	do                                                       /* cull.popParked */
	:: atomic {
		w = 0;
		do
		:: w >= generation -> w = NONE; break
		:: w < generation && parked[w] > 0 -> parked[w]--; break
		:: else -> w++
		od };
		if
		:: w == NONE -> break
		:: else -> retire()
		fi
	od
#else
	skip
#endif
}

inline finish() {
	turned = false;
	leave(last);
	last = 0;
	cull()
}

/* Make the next mark the one in the queue, or turn at once. The caller has the
 * lock. */
inline promote() {
	if
	:: queuedMark != NONE || nextMark == NONE -> lock = false
	:: queuedMark == NONE && nextMark != NONE && waiting[nextMark] == 0 -> lock = false
	:: else ->
		if
#ifdef TURN_NO_EMPTY
		:: true ->
#else
		:: empty(queue) ->                               /* mark.empty */
#endif
			turn(nextMark);                          /* mark.order */
			atomic { nextMark = NONE; lock = false };
			finish()
#ifndef TURN_NO_EMPTY
		:: nempty(queue) ->
			atomic { queuedMark = nextMark; nextMark = NONE; lock = false };
			last = generation;                              /* mark.generation */
			queue!MARK;                              /* mark.enqueue */
			start(NOTHING, last);
			last = 0
#endif
		fi
	fi
}

inline passMark() {
	atomic { !lock -> lock = true };
	atomic {                                                 /* mark.pass */
		if
		:: waiting[queuedMark] > 0 -> turn(queuedMark)
		:: else
		fi;
		queuedMark = NONE;
		lock = false
	};
	if
	:: turned -> finish()
	:: else
	fi;
	atomic { !lock -> lock = true };
	promote()
}

proctype worker(byte mine, f) {
	byte w = NONE, i, last, e = NONE;
	bool more, turned;
	do
	::
		if
		:: f == RETIRE -> break
		:: f == NOTHING && mine != generation -> look(); break  /* cull.goes */
		:: else
		fi;
		if
		:: f == NOTHING ->
			if                                       /* pool.serve.dequeue */
			:: queue?f
			:: empty(queue)
			fi
		:: else
		fi;
		if
		:: f == MARK -> f = NOTHING; passMark()
		:: f < CHAIN + ALONE ->
			if
			:: f + 1 < CHAIN -> submit(f + 1)
			:: else
			fi;
			atomic { ended++; f = NOTHING }          /* pool.serve.task */
		:: f == NOTHING ->
			if
			:: true -> break
#ifdef PARK
			:: true ->
				parked[mine]++;                  /* pool.enlist.swap */
#ifndef PARK_NO_LOOK
				if                               /* cull.look */
				:: mine != generation -> cull()
				:: mine == generation
				fi;
#endif
				goto parks
#endif
			fi
		fi
	od;
	leave(mine);
parks:
	skip
}

proctype submitter(byte t, n) {
	byte w = NONE, i, last, e = NONE;
	bool more;
	do
	:: n == 0 -> break
	:: else -> submit(t); atomic { t++; n-- }
	od
}

proctype drain() {
	byte w = NONE, i, last, e = NONE, m;
	bool more, turned, quiet, found;
	do
	::
		atomic {                                         /* mark.lock */
			!lock ->
			lock = true;
			if
			:: nextMark == NONE ->
				assert(marks < ERAS - 1);        /* however Drains and workers keep step */
				nextMark = marks;
				marks++
			:: else
			fi;
			m = nextMark;
			waiting[m]++
		};
		promote();
		if                                               /* mark.await */
		:: closed[m]
#ifdef FORGO
		:: atomic { !lock -> waiting[m]--; goto done }   /* mark.forgo */
#endif
		fi;
#ifdef ONCE
		break;
#endif
		e = follows[m];
		atomic {                                         /* generation.quiet.empty */
#ifdef QUIET_NO_EMPTY
			found = true;
#else
			found = empty(queue);
#endif
			quiet = (accepted == ended)
		};
		do                                               /* generation.quiet.untouched */
		:: !found -> break
#ifdef QUIET_TOUCHED
		:: found -> break
#elif defined(QUIET_THIS_ERA)
		:: found -> found = (!touched[e]); break
#elif defined(QUIET_LAST_ERA)
		:: found -> found = (!touched[generation]); break
#else
		:: found && touched[e] -> found = false
		:: found && !touched[e] ->
			if
			:: e == generation -> break                     /* generation.quiet.current */
			:: else -> e++
			fi
#endif
		od;
		e = NONE;
		if
		:: found -> assert(quiet); break
		:: else
		fi
	od;
#ifdef ONCE
	assert(accepted == ended);
#endif
done:
	returned++
}

/* When nothing can move any more, every task has ended and every Drain has
 * returned, and of the generations that are over none has a member. */
active proctype atRest() {
	byte n;
endRest:
	timeout ->
	assert(ended == CHAIN + ALONE && accepted == ended);
	assert(returned == DRAINS);
	for (n : 0 .. ERAS - 1) { assert(n >= generation || over[n]) }
}

init {
	byte n;
	members[0] = 1;
	atomic {
		run submitter(0, 1);
#if ALONE > 0
		run submitter(CHAIN, ALONE);
#endif
		for (n : 1 .. DRAINS) { run drain() }
	}
}

#ifdef LIVENESS
/* Every Drain returns, for nobody submits for ever. */
ltl returns { <> (returned == DRAINS) }
#endif
