package a

import pool "github.com/lfpool/lfpool"

func named(lfpool int) {
	pool.Go(func() {})
	go work() // want "can run in a pool"
}
