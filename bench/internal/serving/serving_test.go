package serving

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/bench/internal/child"
	"github.com/lfpool/lfpool/bench/internal/measure"
	"github.com/lfpool/lfpool/bench/internal/record"
)

func TestMain(m *testing.M) {
	child.Be()
	os.Exit(m.Run())
}

// TestServersAnswer asks every server, with every contestant, from another
// process.
func TestServersAnswer(t *testing.T) {
	r := new(record.Record)
	var shown bytes.Buffer
	rec := measure.NewRecorder(r, nil, &shown)
	stage := Servers{Filter: regexp.MustCompile(""), Count: 1, Sample: 20 * time.Millisecond}.Stage()
	assert.Equal(t, 3, stage.Steps)
	measure.Run(context.Background(), []measure.Stage{stage}, rec)
	want := 0
	for _, k := range Kinds {
		want += len(k.contestants)
		assert.NotEmpty(t, k.Doc)
	}
	require.Len(t, r.Cells, want, shown.String())
	for _, c := range r.Cells {
		for _, unit := range []string{record.Rate, record.P50, record.P99, record.CPUPerRequest} {
			require.Len(t, c.Values[unit], 1, "%v %s", c.Key, unit)
			assert.Positive(t, c.Values[unit][0], "%v %s", c.Key, unit)
		}
		assert.LessOrEqual(t, c.Values[record.P50][0], c.Values[record.P99][0])
	}
}

func TestSelection(t *testing.T) {
	assert.Equal(t, 1, Servers{Filter: regexp.MustCompile("^lfpool/http$")}.Stage().Steps)
	assert.Zero(t, Servers{Filter: regexp.MustCompile("^nobody/")}.Stage().Steps)
}

func TestErrorsComeBack(t *testing.T) {
	var out bytes.Buffer
	err := obey(strings.NewReader(`{"kind":"ftp"}{"kind":"smtp"}`), &out, newHost().carryOut)
	require.NoError(t, err)
	assert.Equal(t, `{"error":"no server \"ftp\""}`+"\n"+`{"error":"no server \"smtp\""}`+"\n", out.String())
	assert.Error(t, obey(strings.NewReader(`nonsense`), io.Discard, newHost().carryOut))

	broken := errors.New("connection lost")
	_, err = askAll([]func() error{func() error { return nil }, func() error { return broken }}, time.Millisecond)
	assert.ErrorIs(t, err, broken)
}

func TestLostServerIsReported(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	w, err := employ(ctx, "server")
	require.NoError(t, err)
	_, err = w.do(order{Kind: "http", Contestant: "go"})
	require.NoError(t, err)
	require.NoError(t, w.cmd.Process.Kill())
	_, err = w.do(order{Kind: "http", Contestant: "go"})
	assert.Error(t, err)
	w.dismiss()
}
