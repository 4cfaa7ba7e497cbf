/* The Michael-Scott queue with garbage-collected nodes (lfqueue/ms.go).
 *
 * One step is one atomic operation of the code; its name stands beside it, and
 * README.md says where the code has it. A node is used for one value, so node v
 * holds value v; node 0 is the first dummy, and 0 as a next means none.
 *
 * The ghost queue is the sequential queue that the code claims to be. It changes
 * at the marked linearization points, and what it says must be what the code
 * says: then every history is linearizable.
 *
 * Parameters: PRODUCERS, PUTS (each), CONSUMERS, TAKES (each), LOOKS (calls of
 * Empty by one more process).
 * Seeded bugs: LINK_BY_STORE, HEAD_BY_STORE, TAIL_BY_STORE, DEQUEUE_NO_HELP,
 * ENQUEUE_NO_HELP, EMPTY_BY_TAIL, VALUE_FIRST.
 */
#ifndef PRODUCERS
#define PRODUCERS 2
#endif
#ifndef PUTS
#define PUTS 2
#endif
#ifndef CONSUMERS
#define CONSUMERS 2
#endif
#ifndef TAKES
#define TAKES 2
#endif
#ifndef LOOKS
#define LOOKS 0
#endif
#define VALUES (PRODUCERS * PUTS)

byte head, tail;
byte next[VALUES + 1];
bool cleared[VALUES + 1];        /* the node's value has been taken */

chan ghost = [VALUES] of { byte };
byte place[VALUES + 1];          /* ghost: how many nodes were linked before */
byte linked;
bool filled;                     /* ghost: not empty at some instant of the call of Empty */
byte done;                       /* processes that have ended */

inline cas(word, old, new) {
	atomic {
		if
		:: word == old -> word = new
		:: else
		fi
	}
}

proctype producer(byte v; byte last) {
	byte t, n;
	bool ok;
	do
	:: v > last -> break
	:: else ->
again:
		t = tail;                    /* ms.enqueue.tail */
		n = next[t];                 /* ms.enqueue.next */
		if
		:: n != 0 ->
#ifndef ENQUEUE_NO_HELP
			cas(tail, t, n);     /* ms.enqueue.help */
#endif
			goto again
		:: else
		fi;
		atomic {                     /* ms.enqueue.link */
#ifdef LINK_BY_STORE
			ok = true;
#else
			ok = (next[t] == 0);
#endif
			if
			:: ok -> next[t] = v; ghost!v; linked++; place[v] = linked; filled = true
			:: else -> goto again
			fi
		}
#ifdef TAIL_BY_STORE
		tail = v;
#else
		cas(tail, t, v);             /* ms.enqueue.swing */
#endif
		atomic { v++; t = 0; n = 0 }
	od;
	done++
}

proctype consumer() {
	byte k, h, t, n;
	bool ok;
	do
	:: k == TAKES -> break
	:: else ->
again:
		h = head;                            /* ms.dequeue.head */
#ifdef EMPTY_BY_TAIL
		if
		:: atomic { tail == h -> assert(len(ghost) == 0); goto none }
		:: else
		fi;
#endif
		atomic {                             /* ms.dequeue.next */
			n = next[h];
			if
			:: n == 0 -> assert(len(ghost) == 0); goto none
			:: else
			fi
		}
#ifndef DEQUEUE_NO_HELP
		t = tail;                            /* ms.dequeue.tail */
		if
		:: t == h -> cas(tail, t, n)         /* ms.dequeue.help */
		:: else
		fi;
#endif
#ifdef VALUE_FIRST
		assert(!cleared[n]);
#endif
		atomic {                             /* ms.dequeue.claim */
#ifdef HEAD_BY_STORE
			ok = true;
#else
			ok = (head == h);
#endif
			if
			:: ok ->
				head = n;
				assert(place[tail] >= place[n]);
				assert(len(ghost) > 0);
				ghost?t;
				assert(t == n)
			:: else -> goto again
			fi
		}
		atomic {                             /* ms.dequeue.value */
			assert(!cleared[n]);
			cleared[n] = true
		}
none:
		atomic { k++; h = 0; t = 0; n = 0; ok = false }
	od;
	done++
}

/* Empty, by one process. It says no only if the queue was not empty at some
 * instant of the call. */
proctype watcher() {
	byte k, h, n;
	do
	:: k == LOOKS -> break
	:: else ->
		atomic { h = head; filled = (len(ghost) > 0) }       /* ms.empty.head */
		atomic {                                             /* ms.empty.next */
			n = next[h];
			assert(n == 0 || filled);
			assert(n != 0 || len(ghost) == 0);
			k++; h = 0; n = 0
		}
	od;
	done++
}

init {
	byte i, h, n;
	atomic {
		for (i : 0 .. PRODUCERS - 1) { run producer(i * PUTS + 1, (i + 1) * PUTS) }
		for (i : 1 .. CONSUMERS) { run consumer() }
		if
		:: LOOKS > 0 -> run watcher()
		:: else -> done++
		fi;
		i = 0
	}
	/* At the end the list is what the ghost queue has, and the tail is its last
	 * node. */
	done == PRODUCERS + CONSUMERS + 1;
	d_step {
		h = head;
		do
		:: next[h] == 0 -> break
		:: else ->
			h = next[h];
			assert(len(ghost) > 0 && !cleared[h]);
			ghost?n;
			assert(n == h)
		od;
		assert(len(ghost) == 0);
		assert(tail == h)
	}
}
