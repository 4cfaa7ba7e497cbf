package a

func taken(lfpool int) {
	go work() // want "can run in a pool"
}
