package worth

import (
	"go/token"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lfpool/lfpool/cmd/lfgo/internal/advice"
	"github.com/lfpool/lfpool/cmd/lfgo/rewrite"
)

func statement(line int) rewrite.Statement {
	return rewrite.Statement{Position: token.Position{Filename: "/home/me/p/f.go", Line: line}}
}

func TestStartsOf(t *testing.T) {
	literal := statement(7)
	literal.Root = token.Position{Filename: "/home/me/p/f.go", Line: 7}
	declared := statement(9)
	declared.Starts = "example.com/p.v2.(*T).run"
	for _, c := range []struct {
		s    rewrite.Statement
		r    advice.Row
		want bool
	}{
		{statement(7), advice.Row{At: "/home/me/p/f.go:7"}, true},
		{statement(7), advice.Row{At: "/home/me/p/f.go:8"}, false},
		{statement(7), advice.Row{At: "example.com/p/f.go:7"}, true}, // -trimpath
		{statement(7), advice.Row{At: "/home/me/q/f.go:7"}, false},
		{literal, advice.Row{Root: "p.f.func1", File: "/home/me/p/f.go", Line: 7}, true},
		{literal, advice.Row{Root: "p.f.func1", File: "/home/me/p/f.go", Line: 8}, false},
		{declared, advice.Row{Root: "example.com/p%2ev2.(*T[...]).run"}, true},
		{declared, advice.Row{Root: "example.com/p.v2.T.run"}, false},
		{statement(1), advice.Row{Root: ""}, false},
	} {
		assert.Equal(t, c.want, Starts(c.s, c.r), "%+v %+v", c.s, c.r)
	}
}

func TestKeepByProfile(t *testing.T) {
	grows := advice.Row{At: "/home/me/p/f.go:7", Cost: advice.Cost{Grow: 5}}
	idle := advice.Row{At: "/home/me/p/f.go:8", Total: 50}
	c := Chosen{&advice.Advice{Total: 100, Rows: []advice.Row{grows, idle}, Starts: []advice.Start{{File: "/home/me/p/f.go", Line: 11, CPU: 3}}}}
	assert.Empty(t, c.Keep(statement(7)))
	assert.Equal(t, "by the profile it is not worth it", c.Keep(statement(8)))
	assert.Equal(t, "the profile does not show it", c.Keep(statement(9)))
	assert.Empty(t, c.Keep(statement(11)), "its starts alone are worth it")
}
