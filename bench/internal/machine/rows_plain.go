//go:build !lfpoolhooks

package machine

import "errors"

var errPlain = errors.New("the program was built without the tag lfpoolhooks")

func sampleQueue(Trial, string, string) (int, map[string]float64, error) { return 0, nil, errPlain }

func samplePool(Trial, string, Workload, string) (int, map[string]float64, error) {
	return 0, nil, errPlain
}

func sampleGate(gate) (int, map[string]float64, error) { return 0, nil, errPlain }
