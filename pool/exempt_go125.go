//go:build !go1.26

package pool

// Before Go 1.26 nothing can be exempt.

const enforced = false

func exempt() bool { return false }

func withoutEnforcement(f func()) { f() }

func startClean(run func()) { go run() }
