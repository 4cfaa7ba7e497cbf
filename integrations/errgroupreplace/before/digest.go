// Package digest is a program's package as it was: with errgroup.
package digest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"golang.org/x/sync/errgroup"
)

// A Sum is the SHA-256 of a file.
type Sum [sha256.Size]byte

// Tree returns the sums of all regular files of a tree, by path. It reads up to
// width of them at a time, and stops at the first error, or when ctx is done.
func Tree(ctx context.Context, tree fs.FS, width int) (map[string]Sum, error) {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(width)
	var mu sync.Mutex
	sums := map[string]Sum{}
	walked := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		g.Go(func() error {
			sum, err := file(tree, path)
			if err != nil {
				return fmt.Errorf("digest %s: %w", path, err)
			}
			mu.Lock()
			defer mu.Unlock()
			sums[path] = sum
			return nil
		})
		return nil
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if walked != nil {
		return nil, walked
	}
	return sums, nil
}

func file(tree fs.FS, path string) (sum Sum, err error) {
	f, err := tree.Open(path)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return sum, err
	}
	h.Sum(sum[:0])
	return sum, nil
}
