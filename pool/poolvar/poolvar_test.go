package poolvar_test

import (
	"encoding/json"
	"expvar"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/pool"
	"github.com/lfpool/lfpool/pool/poolvar"
)

// A name is for as long as the program runs, so publish where the pool is made.
var jobs = pool.New(pool.WithLimit(8))

func init() { poolvar.Publish("jobs", jobs) }

func ExamplePublish() {
	fmt.Println(expvar.Get("jobs"))
	// Output: {"Workers":0,"Idle":0,"Running":0,"Limit":8,"Queued":0,"Waiting":0,"Capacity":0,"Spawned":0,"Reaped":0,"Replaced":0,"Goexits":0,"Ended":0,"Reused":0,"Panics":0,"Skipped":0,"Refused":0,"GivenUp":0,"Shed":0,"ReuseRate":0}
}

func TestPublishedAtDebugVars(t *testing.T) {
	p := pool.New(pool.WithLimit(3))
	name := fmt.Sprintf("at debug/vars, pool %p", p) // a name stays for as long as the program runs
	poolvar.Publish(name, p)
	answer := httptest.NewRecorder()
	http.DefaultServeMux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/debug/vars", nil))
	var all map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(answer.Body.Bytes(), &all))
	var got pool.Stats
	require.NoError(t, json.Unmarshal(all[name], &got))
	assert.Equal(t, p.Stats(), got)
}

func TestPublishRefuses(t *testing.T) {
	p := pool.New()
	if expvar.Get("taken") == nil { // the test may run again
		poolvar.Publish("taken", p)
	}
	for want, call := range map[string]func(){
		`poolvar.Publish("x", nil): the pool is nil`:                            func() { poolvar.Publish("x", nil) },
		`poolvar.Publish(""): the name is empty`:                                func() { poolvar.Publish("", p) },
		`poolvar.Publish("taken"): there is a variable of this name already`:    func() { poolvar.Publish("taken", p) },
		`poolvar.Publish("memstats"): there is a variable of this name already`: func() { poolvar.Publish("memstats", p) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
	assert.Nil(t, expvar.Get("x"))
}

// TestOnlyThisPackageNeedsExpvar: expvar registers a handler when it is imported.
func TestOnlyThisPackageNeedsExpvar(t *testing.T) {
	const library = "github.com/lfpool/lfpool"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", library).Output()
	require.NoError(t, err)
	assert.Contains(t, strings.Fields(string(out)), library+"/pool")
	assert.NotContains(t, strings.Fields(string(out)), "expvar")
}
