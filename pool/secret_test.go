//go:build goexperiment.runtimesecret

package pool_test

import (
	"runtime/secret"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/pool"
)

// TestSecretModeIsNotInherited from the submitter, nor from the task before. It
// needs an experiment of the toolchain:
//
//	GOEXPERIMENT=runtimesecret go test ./pool -run TestSecretModeIsNotInherited
func TestSecretModeIsNotInherited(t *testing.T) {
	for _, way := range submitterNames {
		p := pool.New(pool.WithLimit(1))
		ordinary := func() { assert.False(t, secret.Enabled(), way) }
		ran(p, way, ordinary) // starts the worker
		secret.Do(func() { ran(p, way, ordinary) })
		ran(p, way, func() { secret.Do(func() { assert.True(t, secret.Enabled()) }) })
		ran(p, way, ordinary)
	}
}
