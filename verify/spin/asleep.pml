/* The reaper's sleep: idle/reaper.go (Reaper.fallsAsleep) and pool/reap.go.
 *
 * While nobody is parked the reaper has no timer. A worker that parks, or is
 * counted off, tells it. One step is one atomic operation of the code; its name
 * stands beside it, and README.md says where the code has it.
 *
 * The rule retires whoever is parked at a tick, so a tick is worth something only
 * while somebody is. A waker is a submitter whose task goes to a worker that is
 * parked, if there is one, or to a new one.
 *
 * Somebody may take the parked workers and put them back, because of a new limit.
 *
 * Parameters: TASKS (one submitter each), STUCK (the first task never ends), CULL
 * (a new limit).
 * Seeded bugs: NO_SECOND_LOOK, LOOK_BEFORE_STORE, TELL_FIRST, PARKER_SILENT,
 * LEAVER_SILENT, CULLER_SILENT, NO_SETTLE, TICKS_ON.
 */
#ifndef TASKS
#define TASKS 2
#endif
#define WORKERS TASKS
#define NOBODY 100

byte alive;                        /* control word: workers */
bool up;                           /* control word: the reaper's bit */
bool asleep;
byte slot = NOBODY;                /* the worker that parked last */
bool queued[WORKERS];              /* the queue of parked workers */
byte count;                        /* the gauge */
chan wakeup[WORKERS] = [1] of { bool }; /* true: run a task; false: retired */
chan nudge[TASKS] = [1] of { bit };     /* one for each reaper */
byte nudges = NOBODY;              /* the one that the pool has; NOBODY: none yet */
byte reapers, begun, made, ended, stuck;

inline sendNudge() {
	atomic {                                         /* reaper.nudge */
		if
		:: nudges != NOBODY && nempty(nudge[nudges])
		:: nudges != NOBODY && empty(nudge[nudges]) -> nudge[nudges]!1
		:: nudges == NOBODY
		fi
	}
}

inline tell() {
	if                                               /* reaper.tell */
	:: asleep -> sendNudge()
	:: else
	fi
}

/* Put w into the queue. */
inline shelve(w) {
	count++;                                         /* gauge.park */
	atomic { assert(!queued[w]); queued[w] = true; w = NOBODY }
}

proctype worker(byte me; bool sticks) {
	bool go;
	byte w = NOBODY;
work:
	if
	:: sticks -> stuck++;
endTask:
		false
	:: else
	fi;
	ended++;
	if
	:: true -> /* it parks */
#ifdef TELL_FIRST
		tell();
#endif
		atomic { w = slot; slot = me };          /* pool.enlist.swap */
		if
		:: w != NOBODY -> shelve(w)
		:: else
		fi;
#if !defined(PARKER_SILENT) && !defined(TELL_FIRST)
		tell();
#endif
		wakeup[me]?go;
		if
		:: go -> goto work
		:: else
		fi
	:: true -> /* it leaves: Goexit, a Drain, a lowered limit */
		atomic { alive--; go = (alive == 0) };   /* control.leave */
#ifndef LEAVER_SILENT
		if
		:: go -> sendNudge()                     /* reaper.last */
		:: else -> tell()
		fi
#endif
	fi
}

inline take() {
	w = NOBODY;
	atomic {                                         /* pool.pop.swap */
		w = slot;
		slot = NOBODY
	}
	if
	:: w == NOBODY -> takeQueued()
	:: else
	fi
}

inline takeQueued() {
	atomic {                                         /* pool.retire.dequeue */
		w = 0;
		do
		:: w == WORKERS -> w = NOBODY; break
		:: w < WORKERS && queued[w] -> queued[w] = false; break
		:: else -> w++
		od
	};
	if
	:: w != NOBODY -> count--                        /* gauge.unpark.sub */
	:: else
	fi
}

proctype submitter(bool sticks) {
	byte w = NOBODY;
	bool bring;
	take();
	if
	:: w != NOBODY && !sticks -> atomic { wakeup[w]!true; w = NOBODY }
	:: w != NOBODY && sticks -> atomic { wakeup[w]!true; w = NOBODY; goto done } /* then no task is stuck */
	:: else ->
		atomic { alive++; bring = !up; up = true }; /* control.hire.add */
		if
		:: bring ->
			atomic { nudges = begun; begun++ }; /* reaper.channel */
			run reaper(nudges)              /* pool.spawn.reaper */
		:: else
		fi;
		atomic { run worker(made, sticks); made++ }
	fi;
done:
	skip
}

/* Takes the parked workers, of whom none must go, and puts them back. */
proctype culler() {
	byte w = NOBODY, kept;
	byte keep[WORKERS];
	do
	::
		take();
		if
		:: w != NOBODY -> atomic { keep[kept] = w; kept++ }
		:: else -> break
		fi
	od;
	do
	:: kept > 0 -> atomic { kept--; w = keep[kept] }; shelve(w)
	:: else -> break
	od;
#ifndef CULLER_SILENT
	tell()
#endif
}

/* Settle, and then the look at the gauge. */
inline look() {
#ifndef NO_SETTLE
	atomic { w = slot; slot = NOBODY };              /* pool.flush.swap */
	if
	:: w != NOBODY -> shelve(w)
	:: else
	fi;
#endif
	idle = count                                     /* gauge.count */
}

proctype reaper(byte mine) {
	byte w = NOBODY, idle;
	bool lively;
	atomic { reapers++; assert(reapers == 1) };
	do
	::
		atomic {                                 /* control.exit */
			if
			:: alive == 0 && up -> up = false; reapers--; goto out
			:: else
			fi
		};
		lively = (alive != 0);                   /* reaper.workers */
		look();
		if
#ifdef TICKS_ON
		:: false
#else
		:: lively && idle == 0 ->
#ifdef LOOK_BEFORE_STORE
			lively = (alive != 0);
			look();
#endif
			asleep = true;                   /* reaper.asleep.store */
#if !defined(NO_SECOND_LOOK) && !defined(LOOK_BEFORE_STORE)
			lively = (alive != 0);           /* reaper.asleep.workers */
			look();                          /* reaper.asleep.look */
#endif
			if
			:: lively && idle == 0 ->
				nudge[mine]?1;           /* reaper.receive */
				asleep = false           /* reaper.awake */
			:: else -> asleep = false        /* reaper.not */
			fi
#endif
		:: else ->
			if
			:: nudge[mine]?1
			:: true ->                       /* the tick */
				look();
				takeQueued();
				if
				:: w != NOBODY ->
					alive--;
					wakeup[w]!false; /* pool.retire.close */
					w = NOBODY
				:: else
				fi
			fi
		fi
	od;
out:
	skip
}

/* Time goes on although nobody can: without it a pool that is at rest, but not as
 * it should be, would be an end of the search and no cycle. */
active proctype passing() {
	bit now;
	do
	:: now = 1 - now
	od
}

#ifdef STUCK
/* A pool in which one task is stuck, and nothing else runs, has no timer. */
ltl sleeps { <> [] (stuck == 0 || (asleep && alive == 1)) }
#else
/* Everybody goes, the reaper included. */
ltl empties { <> [] (ended == TASKS && alive == 0 && !up && reapers == 0) }
#endif

init {
	byte n;
	atomic {
#ifdef STUCK
		run submitter(true);
#else
		run submitter(false);
#endif
		for (n : 1 .. TASKS) {
			if
			:: n > 1 -> run submitter(false)
			:: else
			fi
		}
#ifdef CULL
		run culler();
#endif
	}
}
