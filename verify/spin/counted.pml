/* The Michael-Scott queue with counted links (lfqueue/counted.go): nodes are
 * used again, and a link has the count of the changes of its word.
 *
 * One step is one atomic operation of the code; its name stands beside it, and
 * README.md says where the code has it. Counts are taken modulo TAGS, where the
 * code has 2^32, so that a count can come back while somebody sleeps. The ghost
 * queue is as in ms.pml.
 *
 * Each of up to three processes calls Enqueue or Dequeue, as it likes, OPS1,
 * OPS2 and OPS3 times. PREFILL values are in the queue at the start. LOOKS calls
 * of Empty are made by one more process.
 * Seeded bugs: HEAD_NO_COUNT, TAIL_NO_COUNT, NEXT_NO_COUNT, FREE_NO_COUNT,
 * REUSE_NO_COUNT, NO_SECOND_HEAD, NO_SECOND_TAIL, DEQUEUE_NO_HELP,
 * ENQUEUE_NO_HELP, FREE_NEW_DUMMY, VALUE_LATE, EMPTY_NO_SECOND_HEAD.
 */
#ifndef TAGS
#define TAGS 16
#endif
#ifndef OPS1
#define OPS1 2
#endif
#ifndef OPS2
#define OPS2 2
#endif
#ifndef OPS3
#define OPS3 0
#endif
#ifndef PREFILL
#define PREFILL 0
#endif
#ifndef LOOKS
#define LOOKS 0
#endif
#define VALUES (OPS1 + OPS2 + OPS3 + PREFILL)
#ifndef NODES
#define NODES (VALUES + 1)       /* reaching more is an error */
#endif

/* A link: an index in the lower four bits, 0 for none, the count above. */
#define INDEX(l)   ((l) & 15)
#define COUNT(l)   ((l) >> 4)
#define TO(l, i)   (((((COUNT(l) + 1) % TAGS)) << 4) | (i))
#define STUCK(l, i) ((COUNT(l) << 4) | (i)) /* the count not advanced */

#ifdef HEAD_NO_COUNT
#define HEAD_TO STUCK
#else
#define HEAD_TO TO
#endif
#ifdef TAIL_NO_COUNT
#define TAIL_TO STUCK
#else
#define TAIL_TO TO
#endif
#ifdef NEXT_NO_COUNT
#define NEXT_TO STUCK
#else
#define NEXT_TO TO
#endif
#ifdef FREE_NO_COUNT
#define FREE_TO STUCK
#else
#define FREE_TO TO
#endif

byte head = 1, tail = 1, free;   /* node 1 is the first dummy */
byte next[NODES + 1];
byte value[NODES + 1];
byte used = 1;

#define FREE   0
#define OWNED  1
#define QUEUED 2

byte state[NODES + 1];           /* ghost: who may write to the node */
chan ghost = [VALUES + 1] of { byte };
bool filled;                     /* ghost: not empty at some instant of the call of Empty */
byte done;

inline cas(word, old, new) {
	atomic {
		if
		:: word == old -> word = new
		:: else
		fi
	}
}

/* allocate a node: mine. */
inline allocate() {
	do
	:: true ->
		top = free;                              /* counted.allocate.top */
		if
		:: INDEX(top) == 0 ->
			atomic { used++; assert(used <= NODES); mine = used; break } /* counted.fresh */
		:: else
		fi;
		n = next[INDEX(top)];                    /* counted.allocate.below */
		atomic {                                 /* counted.allocate.take */
			if
			:: free == top ->
				free = FREE_TO(top, INDEX(n));
				mine = INDEX(top);
				assert(state[mine] == FREE);
				break
			:: else
			fi
		}
	od;
	atomic { state[mine] = OWNED; top = 0; n = 0 }
}

/* release the node at mine. */
inline release() {
	value[mine] = 0;                                 /* counted.release.clear */
	do
	:: true ->
		top = free;                              /* counted.release.top */
		next[mine] = NEXT_TO(next[mine], INDEX(top)); /* counted.release.below */
		atomic {                                 /* counted.release.free */
			if
			:: free == top ->
				free = FREE_TO(top, mine);
				assert(state[mine] == OWNED);
				state[mine] = FREE;
				break
			:: else
			fi
		}
	od
}

proctype user(byte v; byte ops) {
	byte h, t, n, top, mine, x;
	bool ok;
	do
	:: ops == 0 -> break
	:: ops > 0 -> /* Enqueue */
		allocate();
		value[mine] = v;
#ifdef REUSE_NO_COUNT
		next[mine] = 0;
#else
		next[mine] = NEXT_TO(next[mine], 0);     /* counted.enqueue.prepare */
#endif
		do
		:: true ->
			t = tail;                        /* counted.enqueue.tail */
			n = next[INDEX(t)];              /* counted.enqueue.next */
#ifndef NO_SECOND_TAIL
			ok = (t == tail);                /* counted.enqueue.again */
#else
			ok = true;
#endif
			if
			:: !ok
			:: ok && INDEX(n) != 0 ->
#ifndef ENQUEUE_NO_HELP
				cas(tail, t, TAIL_TO(t, INDEX(n))) /* counted.enqueue.help */
#else
				skip
#endif
			:: ok && INDEX(n) == 0 ->
				atomic {                 /* counted.enqueue.link */
					if
					:: next[INDEX(t)] == n ->
						next[INDEX(t)] = NEXT_TO(n, mine);
						/* to the last node of the queue */
						assert(state[INDEX(t)] == QUEUED);
						state[mine] = QUEUED;
						ghost!v; filled = true;
						break
					:: else
					fi
				}
			fi
		od;
		cas(tail, t, TAIL_TO(t, mine));          /* counted.enqueue.swing */
		atomic { v++; ops--; h = 0; t = 0; n = 0; top = 0; mine = 0; ok = false }
	:: ops > 0 -> /* Dequeue */
		do
		:: true ->
			h = head;                        /* counted.dequeue.head */
			t = tail;                        /* counted.dequeue.tail */
			atomic {                         /* counted.dequeue.next */
				n = next[INDEX(h)];
				x = len(ghost)
			}
#ifndef NO_SECOND_HEAD
			ok = (h == head);                /* counted.dequeue.again */
#else
			ok = true;
#endif
			if
			:: !ok
			:: ok && INDEX(n) == 0 ->
				assert(x == 0);
				mine = 0;
				break
#ifndef DEQUEUE_NO_HELP
			:: ok && INDEX(n) != 0 && INDEX(h) == INDEX(t) ->
				cas(tail, t, TAIL_TO(t, INDEX(n))) /* counted.dequeue.help */
			:: ok && INDEX(n) != 0 && INDEX(h) != INDEX(t) ->
#else
			:: ok && INDEX(n) != 0 ->
#endif
#ifndef VALUE_LATE
				x = value[INDEX(n)];     /* counted.dequeue.value */
#endif
				atomic {                 /* counted.dequeue.claim */
					if
					:: head == h ->
						head = HEAD_TO(h, INDEX(n));
#ifdef FREE_NEW_DUMMY
						mine = INDEX(n);
#else
						mine = INDEX(h);
#endif
						assert(state[mine] == QUEUED && INDEX(tail) != INDEX(h));
						state[mine] = OWNED;
						assert(len(ghost) > 0);
						ghost?top;
						break
					:: else
					fi
				}
			fi
		od;
		if
		:: mine != 0 ->
#ifdef VALUE_LATE
			x = value[INDEX(n)];
#endif
			atomic { assert(x == top); x = 0; h = 0; t = 0; n = 0 }
			release()
		:: else
		fi;
		atomic { v++; ops--; h = 0; t = 0; n = 0; x = 0; top = 0; mine = 0; ok = false }
	od;
	done++
}

/* Empty, by one process. */
proctype watcher() {
	byte k, h, n;
	bool ok, dry;
	do
	:: k == LOOKS -> break
	:: else ->
		filled = (len(ghost) > 0);
		do
		:: true ->
			h = head;                        /* counted.empty.head */
			atomic {                         /* counted.empty.next */
				n = next[INDEX(h)];
				dry = (len(ghost) == 0)
			}
#ifdef EMPTY_NO_SECOND_HEAD
			break
#else
			if                               /* counted.empty.again */
			:: h == head -> break
			:: else
			fi
#endif
		od;
		atomic {
			assert(INDEX(n) == 0 || filled);
			assert(INDEX(n) != 0 || dry);
			k++; h = 0; n = 0; dry = false
		}
	od;
	done++
}

init {
	byte i, h, n;
	d_step {
		state[1] = QUEUED;
		do
		:: i == PREFILL -> break
		:: else ->
			i++;
			used++;
			value[used] = i;
			state[used] = QUEUED;
			next[INDEX(tail)] = TO(next[INDEX(tail)], used);
			next[used] = TO(next[used], 0);
			tail = TO(tail, used);
			ghost!i
		od;
		i = 0
	}
	atomic {
		run user(PREFILL + 1, OPS1);
		if
		:: OPS2 > 0 -> run user(PREFILL + OPS1 + 1, OPS2)
		:: else -> done++
		fi;
		if
		:: OPS3 > 0 -> run user(PREFILL + OPS1 + OPS2 + 1, OPS3)
		:: else -> done++
		fi;
		if
		:: LOOKS > 0 -> run watcher()
		:: else -> done++
		fi
	}
	/* At the end the list is what the ghost queue has, the tail is its last node,
	 * and every other node is in the free list, once. */
	done == 4;
	d_step {
		h = INDEX(head);
		i = 1;
		do
		:: INDEX(next[h]) == 0 -> break
		:: else ->
			h = INDEX(next[h]);
			i++;
			assert(len(ghost) > 0 && state[h] == QUEUED);
			ghost?n;
			assert(n == value[h])
		od;
		assert(len(ghost) == 0 && INDEX(tail) == h);
		h = INDEX(free);
		do
		:: h == 0 -> break
		:: else ->
			assert(state[h] == FREE && i < used);
			i++;
			h = INDEX(next[h])
		od;
		assert(i == used)
	}
}
