package leak

// waitingIn tells what a goroutine waits for by the function that it waits in.
// Only debug=2 says it in words.
var waitingIn = map[string]string{
	"internal/poll.runtime_pollWait":        "IO wait",
	"internal/sync.runtime_SemacquireMutex": "sync.Mutex.Lock",
	"runtime.block":                         "select (no cases)",
	"runtime.chanrecv":                      "chan receive",
	"runtime.chansend":                      "chan send",
	"runtime.selectgo":                      "select",
	"sync.runtime_Semacquire":               "semacquire",
	"sync.runtime_SemacquireMutex":          "sync.Mutex.Lock",
	"sync.runtime_SemacquireRWMutex":        "sync.RWMutex.Lock",
	"sync.runtime_SemacquireRWMutexR":       "sync.RWMutex.RLock",
	"sync.runtime_SemacquireWaitGroup":      "sync.WaitGroup.Wait",
	"sync.runtime_notifyListWait":           "sync.Cond.Wait",
	"time.Sleep":                            "sleep",
}

// waitOf looks through the runtime's innermost frames, as far as the format
// shows them, and at the frame that called them.
func waitOf(s Stack) string {
	for _, f := range s {
		if wait := waitingIn[f.Func]; wait != "" || !inRuntime(f.Func) {
			return wait
		}
	}
	return ""
}
