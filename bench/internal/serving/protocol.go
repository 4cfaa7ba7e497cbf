// Package serving measures three servers on loopback, in a process of their
// own, asked by a client in another.
package serving

import (
	"encoding/json"
	"io"

	"github.com/lfpool/lfpool/bench/internal/child"
)

// An order tells the server process which of its servers is asked next, and the
// client process whom to ask for how long.
type order struct {
	Kind       string `json:"kind"`
	Contestant string `json:"contestant,omitempty"` // for the server
	Addr       string `json:"addr,omitempty"`       // for the client
	Nanos      int64  `json:"nanos,omitempty"`      // for the client
}

// A reply is an order carried out.
type reply struct {
	Error string  `json:"error,omitempty"`
	Addr  string  `json:"addr,omitempty"` // of the server
	CPU   int64   `json:"cpu,omitempty"`  // nanoseconds that the server's process has used so far
	N     int     `json:"n,omitempty"`    // requests answered
	Nanos int64   `json:"nanos,omitempty"`
	P50   float64 `json:"p50,omitempty"`
	P99   float64 `json:"p99,omitempty"`
}

func init() {
	child.Register("server", func(_ []string, in io.Reader, out io.Writer) error {
		return obey(in, out, newHost().carryOut)
	})
	child.Register("client", func(_ []string, in io.Reader, out io.Writer) error {
		return obey(in, out, newAsker().carryOut)
	})
}

// obey answers each order on in until it is closed.
func obey(in io.Reader, out io.Writer, carryOut func(order) (reply, error)) error {
	orders, replies := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var o order
		if err := orders.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		r, err := carryOut(o)
		if err != nil {
			r.Error = err.Error()
		}
		if err := replies.Encode(r); err != nil {
			return err
		}
	}
}
