package lfpool_test

import (
	"fmt"

	"github.com/lfpool/lfpool"
)

// groups gives each tenant places of its own in a pool that all share.
func groups(shared *lfpool.Pool, names ...string) map[string]*lfpool.Group {
	tenants := map[string]*lfpool.Group{}
	for _, name := range names {
		tenants[name] = lfpool.NewGroup(shared)
		tenants[name].SetLimit(2)
	}
	return tenants
}

// A limit for each tenant in a pool that all share: one tenant's jobs cannot take
// every worker. (pool.NewFair gives each tenant a queue in place of a limit.)
func Example_perTenant() {
	tenants := groups(lfpool.New(lfpool.WithLimit(8)), "red", "blue")
	release := make(chan struct{})
	job := func() error { <-release; return nil }
	for range 3 {
		fmt.Print(tenants["red"].TryGo(job), " ") // the third is refused
	}
	fmt.Println(tenants["blue"].TryGo(job))
	close(release)
	for _, tenant := range tenants {
		_ = tenant.Wait() // no job returns an error
	}
	// Output: true true false true
}
