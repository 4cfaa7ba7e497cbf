//go:build !go1.26

package pool_test

import "testing"

func fips(t *testing.T) { t.Skip("fips140.WithoutEnforcement came with Go 1.26") }
