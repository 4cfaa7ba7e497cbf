package serving

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/lfpool/lfpool/bench/internal/load"
	"github.com/lfpool/lfpool/bench/internal/stat"
)

// connections ask at a time, each for its next answer when it has had the last.
const connections = 16

// payload is the size of what the echo servers send back.
const payload = 1024

// An asker keeps the connections to every server that it has asked.
type asker struct {
	asks map[string][]func() error
}

func newAsker() *asker { return &asker{map[string][]func() error{}} }

func (a *asker) carryOut(o order) (reply, error) {
	if a.asks[o.Addr] == nil {
		kind, err := kindNamed(o.Kind)
		if err != nil {
			return reply{}, err
		}
		for range connections {
			ask, err := kind.connect(o.Addr)
			if err != nil {
				return reply{}, err
			}
			a.asks[o.Addr] = append(a.asks[o.Addr], ask)
		}
	}
	return askAll(a.asks[o.Addr], time.Duration(o.Nanos))
}

// askAll has every connection ask for about d, and once at least.
func askAll(asks []func() error, d time.Duration) (reply, error) {
	var asking sync.WaitGroup
	latencies := make([][]float64, len(asks))
	errs := make([]error, len(asks))
	start := time.Now()
	for i, ask := range asks {
		asking.Go(func() {
			for asked := time.Now(); ; {
				if errs[i] = ask(); errs[i] != nil {
					return
				}
				answered := time.Now()
				latencies[i] = append(latencies[i], float64(answered.Sub(asked)))
				if asked = answered; answered.Sub(start) >= d {
					return
				}
			}
		})
	}
	asking.Wait()
	r := reply{Nanos: time.Since(start).Nanoseconds()}
	var all []float64
	for _, l := range latencies {
		all = append(all, l...)
	}
	if err := errors.Join(errs...); err != nil {
		return reply{}, err
	}
	q := stat.Quantiles(all, 0.5, 0.99)
	r.N, r.P50, r.P99 = len(all), q[0], q[1]
	return r, nil
}

func connectHTTP(addr string) (func() error, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 1}}
	docs := load.Documents()
	next := 0
	return func() error {
		doc := docs[next%len(docs)]
		next++
		resp, err := client.Post("http://"+addr, "application/json", bytes.NewReader(doc))
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		var a answer
		if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return err
		}
		if a.Bytes != len(doc) || a.ImportPath == "" {
			return fmt.Errorf("wrong answer %+v", a)
		}
		return nil
	}, nil
}

func connectFrames(addr string) (func() error, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	frame := append(binary.BigEndian.AppendUint32(nil, payload), bytes.Repeat([]byte("x"), payload)...)
	echo := make([]byte, len(frame))
	return func() error {
		if _, err := c.Write(frame); err != nil {
			return err
		}
		if _, err := io.ReadFull(c, echo); err != nil {
			return err
		}
		if !bytes.Equal(echo, frame) {
			return errors.New("wrong echo")
		}
		return nil
	}, nil
}

func connectGRPC(addr string) (func() error, error) {
	c, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, err
	}
	in := wrapperspb.Bytes(bytes.Repeat([]byte("x"), payload))
	return func() error {
		out := new(wrapperspb.BytesValue)
		if err := c.Invoke(context.Background(), "/"+grpcService+"/"+grpcMethod, in, out); err != nil {
			return err
		}
		if !bytes.Equal(out.Value, in.Value) {
			return errors.New("wrong echo")
		}
		return nil
	}, nil
}
