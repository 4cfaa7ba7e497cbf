package errgroupreplace_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/lfpool/lfpool" // was "golang.org/x/sync/errgroup"
)

func Example() {
	g, ctx := lfpool.WithContext(context.Background()) // was errgroup.WithContext
	g.SetLimit(2)
	for i := range 4 {
		g.Go(func() error {
			if i == 2 {
				return errors.New("the third has failed")
			}
			return nil
		})
	}
	fmt.Println(g.Wait(), "/", context.Cause(ctx))
	// Output: the third has failed / the third has failed
}
