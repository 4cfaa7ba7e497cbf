package adaptive_test

import (
	"context"
	"fmt"

	"github.com/failsafe-go/failsafe-go/adaptivelimiter"

	"github.com/lfpool/lfpool/integrations/adaptive"
	"github.com/lfpool/lfpool/pool"
)

func Example() {
	limits := adaptivelimiter.NewBuilder[any]().WithLimits(4, 200, 20) // at least, at most, at first
	queries := adaptive.New(limits, pool.WithBacklog(100))
	queries.Go(func() { fmt.Println("query") })
	if err := queries.Pool().Drain(context.Background()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(queries.Pool().Limit())
	// Output:
	// query
	// 20
}
