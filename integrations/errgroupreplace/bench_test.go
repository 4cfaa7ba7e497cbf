package errgroupreplace_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/lfpool/lfpool/integrations/internal/load"
)

// BenchmarkDigest is both programs over 1000 files of 1 KiB, and of 64 KiB.
func BenchmarkDigest(b *testing.B) {
	for _, size := range []int{1 << 10, 64 << 10} {
		tree := os.DirFS(files(b, 1000, size))
		for _, name := range []string{"before", "after"} {
			b.Run(fmt.Sprintf("size=%d/%s", size, name), func(b *testing.B) {
				load.Run(b, 1, func(int) error {
					_, err := trees[name](context.Background(), tree, 64)
					return err
				})
			})
		}
	}
}
