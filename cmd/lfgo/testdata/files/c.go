package files

// int one(void) { return 1; }
import "C"

func Native(done chan int) {
	go func() { C.one(); close(done) }()
}
