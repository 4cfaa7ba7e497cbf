/* The segmented queue (lfqueue/seg.go), with CELLS cells a segment where the code
 * has 512.
 *
 * One step is one atomic operation of the code, with the plain accesses before it
 * to the value of the cell that the ticket gives; its name stands beside it, and
 * README.md says where the code has it. Segment 0 is the first one, and 0 as a next
 * means none. A segment has its number from the moment it is linked; before that
 * it is a private array of cells. Tickets beyond the last cell are not counted. The
 * hint seen is left out: it has a value that enq had, so whoever goes on because of
 * it would go on as well if it read enq at that instant.
 *
 * The order of fills is not the order of the queue (an enqueuer with an earlier
 * ticket may fill its cell later), so there is no ghost queue. Checked are the
 * patterns by which Henzinger, Sezgin and Vafeiadis (2013) tell that a history is
 * not linearizable: a value out twice, a value out that is not in, a value that
 * overtakes one whose Enqueue had ended before its own began, and "empty" though at
 * every instant of the call some value was in.
 *
 * Parameters: CELLS, PRODUCERS, PUTS (each), CONSUMERS, TAKES (each).
 * Seeded bugs: POISON_BY_STORE, FILL_BY_STORE, LINK_BY_STORE, HEAD_BY_STORE,
 * NO_LIFE, UNDRAINED, DONE_FIRST, LINK_UNFILLED, DEQUEUE_NO_HELP, ENQUEUE_NO_HELP,
 * DRY_NO_NEXT. With FIXED_POINTS a ghost queue takes the fill for the point at which
 * a value enters and the ticket for that at which it leaves: that does not hold.
 */
#ifndef CELLS
#define CELLS 2
#endif
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef PUTS
#define PUTS 2
#endif
#ifndef CONSUMERS
#define CONSUMERS 1
#endif
#ifndef TAKES
#define TAKES 2
#endif
#define VALUES   (PRODUCERS * PUTS)
#define SEGMENTS (VALUES + 1)
#ifndef ARRAYS
#define ARRAYS   (VALUES + 1)    /* reaching more is an error */
#endif

/* A cell's state, beyond the free state of its life. */
#define FULL     1
#define POISONED 2
#define DONE     4

byte head, tail;
byte enq[SEGMENTS], deq[SEGMENTS], next[SEGMENTS];
byte life[SEGMENTS], cells[SEGMENTS];
byte segments = 1;

byte state[ARRAYS * CELLS];
byte value[ARRAYS * CELLS];
byte spare[ARRAYS];              /* of a spare array: 1 + the free state of its next life */
byte arrays = 1;

/* Ghost. */
#define BIT(v) (1 << ((v) - 1))
byte put;                        /* values whose Enqueue has ended */
byte gone;                       /* values whose Dequeue has ended */
byte pre[VALUES + 1];            /* put, when the value's Enqueue began */
byte inside;                     /* values in full cells whose dequeuer has no ticket yet */
bool sawEmpty[CONSUMERS + 1];    /* inside was 0 at some instant of the consumer's call */
byte done;
#ifdef FIXED_POINTS
chan ghost = [VALUES + 1] of { byte };
#endif

inline cas(word, old, new) {
	atomic {
		if
		:: word == old -> word = new
		:: else
		fi
	}
}

inline enters() {
	inside++;
#ifdef FIXED_POINTS
	ghost!v;
#endif
}

proctype producer(byte v; byte last) {
	byte s, i, n, a, l;
	bool ok;
	do
	:: v > last -> break
	:: else ->
		pre[v] = put;
again:
		s = tail;                                        /* seg.enqueue.tail */
		atomic {                                         /* seg.enqueue.ticket */
			i = enq[s];
			enq[s] = (i < CELLS -> i + 1 : i);
			a = 0; l = 0; n = 0; ok = false
		}
		if
		:: i < CELLS ->
			atomic {                                 /* seg.put.fill */
				a = cells[s] * CELLS + i;
				value[a] = v;
#ifdef FILL_BY_STORE
				ok = true;
#else
				ok = (state[a] == life[s]);
#endif
				if
				:: ok ->
					state[a] = life[s] + FULL;
					if
					:: deq[s] <= i -> enters()
					:: else ->
#ifdef FIXED_POINTS
						assert(len(ghost) == 0)
#else
						skip
#endif
					fi;
					goto in
				:: else
				fi
			}
#ifdef DONE_FIRST
			state[a] = life[s] + DONE;
			value[a] = 0;
			goto again
#else
			atomic {                                 /* seg.put.done */
				value[a] = 0;
				state[a] = life[s] + DONE;
				s = 0; i = 0; a = 0;
				goto again
			}
#endif
		:: else
		fi;
		n = next[s];                                     /* seg.enqueue.next */
		if
		:: n != 0 ->
#ifndef ENQUEUE_NO_HELP
			cas(tail, s, n);                         /* seg.enqueue.help */
#endif
			goto again
		:: else
		fi;
		/* A private segment with v in its first cell. sync.Pool may forget what
		 * was put there, and drained may fail, so a fresh array is always
		 * possible while there is room in the model. */
		atomic {                                         /* seg.segment.spare */
			a = 0;
			do
			:: a < arrays ->
				ok = (spare[a] != 0);
#ifndef UNDRAINED
				i = 0;
				do
				:: i < CELLS ->      /* seg.segment.drained */
					ok = ok && (state[a * CELLS + i] == spare[a] - 1);
					i++
				:: else -> break
				od;
#endif
				if
				:: ok ->
#ifdef NO_LIFE
					l = spare[a] - 1 - DONE;
#else
					l = spare[a] - 1;
#endif
					spare[a] = 0;
					break
				:: !ok || arrays < ARRAYS -> a++
				fi
			:: else ->
				assert(arrays < ARRAYS);
				arrays++;
				l = 0;
				break
			od;
			i = 0;
			ok = false;
			value[a * CELLS] = v;
			state[a * CELLS] = l + FULL
		}
		atomic {                                         /* seg.enqueue.link */
#ifdef LINK_BY_STORE
			ok = true;
#else
			ok = (next[s] == 0);
#endif
			if
			:: ok ->
				n = segments;
				segments++;
				next[s] = n;
				cells[n] = a;
				life[n] = l;
#ifndef LINK_UNFILLED
				enq[n] = 1;
#endif
				enters()
			:: else
			fi
		}
		if
		:: ok ->
			cas(tail, s, n)                          /* seg.enqueue.swing */
		:: else ->
			atomic {                                 /* seg.segment.back */
				value[a * CELLS] = 0;
				state[a * CELLS] = l;
				spare[a] = l + 1
			}
			goto again
		fi;
in:
		atomic { put = put | BIT(v); v++; s = 0; i = 0; n = 0; a = 0; l = 0; ok = false }
	od;
	done++
}

proctype consumer(byte me; byte takes) {
	byte s, i, n, c, x;
	byte before;                     /* gone, when the call began */
	do
	:: takes == 0 -> break
	:: else ->
		atomic { before = gone; sawEmpty[me] = (inside == 0) }
again:
		s = head;                                        /* seg.dequeue.head */
		i = deq[s];                                      /* seg.exhausted.deq */
		atomic {                                         /* seg.exhausted.enq */
			if
			:: i < enq[s] -> i = 0; goto ticket
			:: else
			fi
		}
#ifdef DRY_NO_NEXT
		assert(sawEmpty[me]);
		goto out;
#endif
		atomic {                                         /* seg.dequeue.last */
			if
			:: next[s] == 0 -> assert(sawEmpty[me]); goto out
			:: else
			fi
		}
ticket:
		atomic {                                         /* seg.dequeue.ticket */
			i = deq[s];
			deq[s] = (i < CELLS -> i + 1 : i);
			n = 0;
			if
			:: i < CELLS ->
				c = cells[s] * CELLS + i;
				if
				:: state[c] == life[s] + FULL ->
					inside--;
#ifdef FIXED_POINTS
					ghost?n;
					assert(n == value[c]);
#endif
					if
					:: inside == 0 ->
						n = 0;
						do
						:: n <= CONSUMERS -> sawEmpty[n] = true; n++
						:: else -> break
						od;
						n = 0
					:: else
					fi
				:: else
				fi
			:: else
			fi
		}
		if
		:: i < CELLS ->
#ifdef POISON_BY_STORE
			if
			:: state[c] != life[s] + FULL -> state[c] = life[s] + POISONED; s = 0; i = 0; c = 0; goto again
			:: else
			fi;
#else
			if                                       /* seg.take.look */
			:: state[c] == life[s] + FULL
			:: else ->
				atomic {                         /* seg.take.poison */
					if
					:: state[c] == life[s] -> state[c] = life[s] + POISONED; s = 0; i = 0; c = 0; goto again
					:: else
					fi
				}
			fi;
#endif
			atomic {                                 /* seg.take.done */
				x = value[c];
				value[c] = 0;
				state[c] = life[s] + DONE;
				goto out
			}
		:: else
		fi;
		atomic {                                         /* seg.dequeue.next */
			n = next[s];
			if
			:: n == 0 -> assert(sawEmpty[me]); goto out
			:: else -> i = 0
			fi
		}
#ifndef DEQUEUE_NO_HELP
		i = tail;                                        /* seg.dequeue.tail */
		if
		:: i == s -> cas(tail, s, n)                     /* seg.dequeue.help */
		:: else
		fi;
#endif
		atomic {                                         /* seg.dequeue.advance */
			if
#ifdef HEAD_BY_STORE
			:: true ->
#else
			:: head == s ->
#endif
				assert(head < n && n <= tail);
				head = n;
				i = 0; n = 0
			:: else -> s = 0; i = 0; n = 0; goto again
			fi
		}
		atomic {                                         /* seg.dequeue.spare */
			spare[cells[s]] = life[s] + DONE + 1;
			s = 0;
			goto again
		}
out:
		atomic {
			if
			:: x != 0 ->
				assert(x <= VALUES && !(gone & BIT(x)));
				gone = gone | BIT(x);
				i = 1;
				do
				:: i <= VALUES ->
					assert(!(before & BIT(i)) || !(pre[i] & BIT(x)));
					i++
				:: else -> break
				od
			:: else
			fi;
			takes--; s = 0; i = 0; n = 0; c = 0; x = 0; before = 0; sawEmpty[me] = false
		}
	od;
	done++
}

init {
	byte i;
	atomic {
		for (i : 0 .. PRODUCERS - 1) { run producer(i * PUTS + 1, (i + 1) * PUTS) }
		for (i : 1 .. CONSUMERS) { run consumer(i, TAKES) }
		i = 0
	}
	/* At the end one more consumer takes what is left: every value comes out. */
	done == PRODUCERS + CONSUMERS;
	run consumer(0, VALUES + 1);
	done == PRODUCERS + CONSUMERS + 1;
	assert(gone == (1 << VALUES) - 1)
}
