// Package other has a type and functions to start from elsewhere.
package other

type Flag bool

type Hidden struct{ n hidden }

type hidden uint8

func Take(f Flag, end chan<- string) {
	if f {
		end <- "true"
	} else {
		end <- "false"
	}
}

func TakeHidden(h hidden, end chan<- hidden) { end <- h }

func Value() hidden { return 7 }

func Ends() chan hidden { return make(chan hidden) }

func Pair() (Flag, chan string) { return true, make(chan string, 1) }
