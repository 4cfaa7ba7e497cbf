package dump

// waitingIn tells what a goroutine waits for by the function that it waits in.
// Only debug=2 says it in words.
var waitingIn = map[string]string{
	"internal/poll.runtime_pollWait":        "IO wait",
	"internal/sync.runtime_SemacquireMutex": "sync.Mutex.Lock",
	"runtime.block":                         "select (no cases)",
	"runtime.chanrecv":                      "chan receive",
	"runtime.chansend":                      "chan send",
	"runtime.selectgo":                      "select",
	"net.runtime_pollWait":                  "IO wait", // before Go 1.9
	"sync.runtime_Semacquire":               "semacquire",
	"sync.runtime_SemacquireMutex":          "sync.Mutex.Lock",
	"sync.runtime_SemacquireRWMutex":        "sync.RWMutex.Lock",
	"sync.runtime_SemacquireRWMutexR":       "sync.RWMutex.RLock",
	"sync.runtime_SemacquireWaitGroup":      "sync.WaitGroup.Wait",
	"sync.runtime_notifyListWait":           "sync.Cond.Wait",
	"time.Sleep":                            "sleep",
}

// semacquiring tells what a semaphore is for by the function that takes it. In
// an older runtime a mutex waits in sync.runtime_Semacquire (before Go 1.9), or
// debug=2 says "semacquire" for all (before Go 1.20).
var semacquiring = map[string]string{
	"sync.(*Mutex).Lock":        "sync.Mutex.Lock",
	"sync.(*Mutex).lockSlow":    "sync.Mutex.Lock",
	"sync.(*RWMutex).Lock":      "sync.RWMutex.Lock",
	"sync.(*RWMutex).RLock":     "sync.RWMutex.RLock",
	"sync.(*RWMutex).rLockSlow": "sync.RWMutex.RLock",
	"sync.(*WaitGroup).Wait":    "sync.WaitGroup.Wait",
}

// waitOf looks through the runtime's innermost frames, as far as the format
// shows them, and at the frames that called them.
func waitOf(s Stack) string {
	for i, f := range s {
		wait := waitingIn[f.Func]
		if wait != "" && i+1 < len(s) {
			if of := semacquiring[s[i+1].Func]; of != "" {
				return of
			}
		}
		if wait != "" || !inRuntime(f.Func) {
			return wait
		}
	}
	return ""
}
