// Package poolvar publishes a pool's figures through package expvar, at
// /debug/vars.
//
// It is a package of its own because importing expvar registers a handler with
// [net/http.DefaultServeMux]: only programs that want that get it.
package poolvar

import (
	"encoding/json"
	"expvar"
	"fmt"

	"github.com/lfpool/lfpool/pool"
)

// Publish makes p's [pool.Stats] and its reuse rate the expvar variable name: a
// JSON object, made anew each time that somebody looks. A variable keeps p from
// being collected, and cannot be taken back. Publish panics if p is nil, or if
// name is empty or the name of another variable.
func Publish(name string, p *pool.Pool) {
	switch {
	case p == nil:
		panic(fmt.Sprintf("poolvar.Publish(%q, nil): the pool is nil", name))
	case name == "":
		panic(`poolvar.Publish(""): the name is empty`)
	case expvar.Get(name) != nil:
		panic(fmt.Sprintf("poolvar.Publish(%q): there is a variable of this name already", name))
	}
	expvar.Publish(name, variable{p})
}

type variable struct{ pool *pool.Pool }

// String returns the variable as JSON: see [expvar.Var].
func (v variable) String() string {
	s := v.pool.Stats()
	text, err := json.Marshal(struct {
		pool.Stats
		ReuseRate float64
	}{s, s.ReuseRate()})
	if err != nil {
		panic(err) // cannot be: numbers, and the rate is from 0 to 1
	}
	return string(text)
}
