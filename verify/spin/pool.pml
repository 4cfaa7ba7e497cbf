/* The wake chain of pool/dispatch.go with lingering (linger.go), parking
 * (park.go, worker.go) and the reaper with its control word (idle/control.go).
 *
 * One atomic block is one atomic operation of the code. Queues are bags: the
 * pool needs no order. Which worker a waker finds is any parked one, so the slot
 * for the worker that parked last needs no model of its own.
 *
 * Parameters: SUBMITTERS, TASKS (each), BLOCK (a task ends only when all tasks
 * have started), WORKERS (room in the model; reaching it is an error).
 * Seeded bugs: NO_SUCCESSOR, DUTY_KEPT, LOOK_FIRST, NO_SEEK, NO_CAS,
 * NO_PASS_BEFORE_PARK, EXIT_BY_STORE, RETIRE_UNOWNED.
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

#define SEARCHER 1
#define LINGERER 2

#define NOTHING 100 /* a wake-up without a task */
#define RETIRE  101

byte lookout;              /* the duties held */
byte searchers;            /* how many believe that they have the searcher's */
byte idle;                 /* parked workers */
bool queued[ALL];          /* the task queue */
byte waiting;              /* tasks in it */
bool started[ALL];
byte startedAll;
bool parked[WORKERS];      /* the queue of parked workers */
chan slot[WORKERS] = [1] of { byte };
byte made;                 /* workers ever made */
byte alive;                /* control word: workers */
bool up;                   /* control word: the reaper's bit */
byte reapers;              /* reapers that run */

/* wake(f): give f to a parked worker or to a new one. */
inline wake(f) {
	atomic {
		i = 0;
		do
		:: i < WORKERS && !parked[i] -> i++
		:: else -> break
		od;
		if
		:: i < WORKERS -> parked[i] = false; idle--; woken = i; found = true
		:: else -> found = false
		fi;
		i = 0
	}
	if
	:: found -> slot[woken]!f
	:: else ->
		atomic { /* Hire */
			alive++;
			bring = !up;
			up = true
		}
		if
		:: bring -> run reaper()
		:: else
		fi;
		atomic {
			assert(made < WORKERS);
			slot[made]!f;
			run worker(made);
			made++
		}
	fi
}

/* seek: make sure that somebody has a duty. */
inline seek() {
#ifdef NO_CAS
	if
	:: lookout == 0 -> atomic { lookout = lookout | SEARCHER; searchers++; assert(searchers == 1); take = true }
	:: else -> take = false
	fi;
#else
	atomic {
		if
		:: lookout == 0 -> lookout = SEARCHER; searchers++; assert(searchers == 1); take = true
		:: else -> take = false
		fi
	}
#endif
	if
	:: take -> wake(NOTHING)
	:: else
	fi
}

/* passOn: lay the duty down, then look. */
inline passOn() {
#ifdef LOOK_FIRST
	dry = (waiting == 0);
#endif
	atomic {
		searchers = (mine == SEARCHER -> searchers - 1 : searchers);
		lookout = lookout & (3 - mine); left = lookout; mine = 0
	}
#ifndef LOOK_FIRST
	dry = (waiting == 0);
#endif
	if
	:: left == 0 && !dry ->
#ifdef NO_SUCCESSOR
		skip
#else
		seek()
#endif
	:: else
	fi
}

inline dequeue() {
	atomic {
		f = NOTHING;
		if
		:: waiting > 0 ->
			i = 0;
			do
			:: i < ALL && !queued[i] -> i++
			:: else -> break
			od;
			queued[i] = false; waiting--; f = i; i = 0
		:: else
		fi
	}
}

inline runTask() {
	atomic { assert(!started[f]); started[f] = true; startedAll++ }
#ifdef BLOCK
	startedAll == ALL; /* user code that waits for every other task */
#endif
	f = NOTHING
}

proctype worker(byte me) {
	byte f, i, woken, left;
	byte mine = SEARCHER;
	bool found, bring, take, dry;
	slot[me]?f;
work:
	if
	:: f == NOTHING -> dequeue()
	:: else
	fi;
	if
	:: f != NOTHING ->
#ifndef DUTY_KEPT
		if
		:: mine != 0 -> passOn()
		:: else
		fi;
#endif
		runTask();
		goto work
	:: else
	fi;
	/* linger, or not */
	if
	:: skip
	:: atomic { (lookout & LINGERER) == 0 ->
		searchers = (mine == SEARCHER -> searchers - 1 : searchers);
		lookout = (lookout & (3 - mine)) | LINGERER; mine = LINGERER };
		dequeue();
		if
		:: f != NOTHING -> goto work
		:: else
		fi
	fi;
	atomic { parked[me] = true; idle++ }
#ifndef NO_PASS_BEFORE_PARK
	if
	:: mine != 0 -> passOn()
	:: else
	fi;
#endif
endPark:
	slot[me]?f;
	if
	:: f == RETIRE -> goto gone
	:: else -> mine = SEARCHER; goto work
	fi;
gone:
	skip
}

proctype reaper() {
	byte i;
	bool found;
	atomic { reapers++; assert(reapers == 1) }
	do
	:: /* Exit */
#ifdef EXIT_BY_STORE
		if
		:: alive == 0 -> reapers--; up = false; goto gone
		:: else
		fi;
#else
		atomic {
			if
			:: alive == 0 && up -> up = false; reapers--; goto gone
			:: else
			fi
		}
#endif
endTick:
		/* Nothing can be retired before somebody parks. */
		atomic {
			idle > 0 ->
			i = 0;
			do
			:: i < WORKERS && !parked[i] -> i++
			:: else -> break
			od;
#ifdef RETIRE_UNOWNED
			skip
#else
			parked[i] = false; idle--
#endif
		}
		alive--;
		slot[i]!RETIRE
	od;
gone:
	skip
}

proctype submitter(byte first) {
	byte t, i, woken;
	bool found, bring, take;
	for (t : first .. first + TASKS - 1) {
		atomic {
			if
			:: lookout == 0 -> lookout = SEARCHER; searchers++; assert(searchers == 1); take = true
			:: else -> take = false
			fi
		}
		if
		:: take ->
			if
			:: wake(t)
			:: atomic { queued[t] = true; waiting++ }; wake(NOTHING)
			fi
		:: else ->
			atomic { queued[t] = true; waiting++ }
#ifndef NO_SEEK
			seek()
#endif
		fi
	}
}

/* When nothing can move any more, every task has started, nobody has a duty,
 * no worker is left and the reaper has gone. */
active proctype atRest() {
endRest:
	timeout ->
	assert(startedAll == ALL);
	assert(waiting == 0);
	assert(lookout == 0);
	assert(alive == 0);
	assert(!up && reapers == 0)
}

init {
	byte n;
	atomic {
		for (n : 0 .. SUBMITTERS - 1) { run submitter(n * TASKS) }
	}
}
