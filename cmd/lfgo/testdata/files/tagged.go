//go:build special

package files

import "os"

func Tagged() {
	go func() {}()
	go os.Getpid()
}
