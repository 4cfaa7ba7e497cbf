package check

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lfpool/lfpool/metrics"
	"github.com/lfpool/lfpool/pool"
)

var expressions = parser.NewParser(parser.Options{})

// shown is the collector's output: the metrics and the labels of each.
func shown(t *testing.T) map[string][]string {
	p := pool.New(pool.WithName("p"), pool.WithLimit(1), pool.WithBacklog(1), pool.WithTimes(1))
	p.Go(func() {})
	require.NoError(t, p.Drain(context.Background()))
	c := metrics.NewCollector()
	c.Add(p)
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(c)
	families, err := registry.Gather()
	require.NoError(t, err)
	names := map[string][]string{}
	for _, f := range families {
		for _, l := range f.Metric[0].Label {
			names[f.GetName()] = append(names[f.GetName()], l.GetName())
		}
	}
	return names
}

// rules is rules.yml.
func rules(t *testing.T) []rulefmt.Rule {
	groups, errs := rulefmt.ParseFile("../rules.yml", false, model.LegacyValidation, expressions, slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.Empty(t, errs)
	require.Len(t, groups.Groups, 1)
	return groups.Groups[0].Rules
}

// used returns the names of the metrics in an expression, after it has checked
// that each is known, and so is each label.
func used(t *testing.T, expr string, known map[string][]string) []string {
	parsed, err := expressions.ParseExpr(expr)
	require.NoError(t, err)
	var names []string
	for _, selector := range parser.ExtractSelectors(parsed) {
		var name string
		for _, m := range selector {
			if m.Name == model.MetricNameLabel {
				require.Equal(t, labels.MatchEqual, m.Type)
				name = m.Value
				if family := histogramPart.ReplaceAllString(name, ""); known[family] != nil {
					name = family
				}
			}
		}
		require.Contains(t, known, name, expr)
		for _, m := range selector {
			if m.Name != model.MetricNameLabel {
				assert.Contains(t, append([]string{"job", "instance"}, known[name]...), m.Name, expr)
			}
		}
		names = append(names, name)
	}
	return names
}

// histogramPart ends the names of the series of a classic histogram.
var histogramPart = regexp.MustCompile("_(sum|count|bucket)$")

// known is what expressions may use: what the collector shows and what the rules
// record.
func known(t *testing.T) map[string][]string {
	names := shown(t)
	for _, r := range rules(t) {
		if r.Record != "" {
			require.NotContains(t, names, r.Record)
			names[r.Record] = []string{"pool"}
		}
	}
	return names
}

func TestRulesUseWhatThereIs(t *testing.T) {
	names := shown(t)
	for _, r := range rules(t) {
		assert.NotEmpty(t, used(t, r.Expr, names), r.Expr)
		if r.Record != "" {
			names[r.Record] = []string{"pool"} // the rules after it may use it
		} else {
			assert.NotEmpty(t, r.Annotations["summary"], r.Alert)
		}
	}
}

// dashboard is the part of Grafana's model that dashboard.json relies on.
type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Panels        []struct {
		ID                       int
		Type, Title, Description string
		Datasource               struct{ Type, UID string }
		GridPos                  struct{ X, Y, W, H int }
		FieldConfig              struct{ Defaults struct{ Unit string } }
		Targets                  []struct {
			RefID, Expr, LegendFormat string
			Datasource                struct{ Type, UID string }
		}
	}
	Templating struct {
		List []struct {
			Name, Type string
			Query      any
		}
	}
}

func TestDashboardShowsWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("../dashboard.json")
	require.NoError(t, err)
	var d dashboard
	require.NoError(t, json.Unmarshal(text, &d))
	require.NotEmpty(t, d.UID)
	require.NotEmpty(t, d.Title)
	require.Positive(t, d.SchemaVersion)
	names := known(t)
	const processors = "go_sched_latencies_seconds" // of client_golang: see README.md
	names[processors] = []string{}

	// label_values(metric, label), of Grafana, is no PromQL.
	variables := map[string]bool{}
	for _, v := range d.Templating.List {
		variables[v.Name] = true
		if v.Type == "query" {
			query := v.Query.(map[string]any)["query"].(string)
			inner, is := strings.CutPrefix(strings.TrimSuffix(query, ")"), "label_values(")
			require.True(t, is, query)
			selector, label, _ := cutLast(inner, ", ")
			assert.NotEmpty(t, used(t, selector, names))
			assert.Equal(t, v.Name, label, query)
		}
	}

	ids, cells, on := map[int]bool{}, map[[2]int]string{}, map[string]bool{}
	for _, p := range d.Panels {
		require.False(t, ids[p.ID], "two panels %d", p.ID)
		ids[p.ID] = true
		assert.NotEmpty(t, p.Title)
		assert.NotEmpty(t, p.Description, p.Title)
		assert.Equal(t, "timeseries", p.Type, p.Title)
		assert.Contains(t, []string{"short", "ops", "percentunit", "s"}, p.FieldConfig.Defaults.Unit, p.Title)
		assert.LessOrEqual(t, p.GridPos.X+p.GridPos.W, 24, "Grafana's grid has 24 columns: %s", p.Title)
		for x := range p.GridPos.W {
			for y := range p.GridPos.H {
				cell := [2]int{p.GridPos.X + x, p.GridPos.Y + y}
				require.Empty(t, cells[cell], "%s stands on another panel", p.Title)
				cells[cell] = p.Title
			}
		}
		refs := map[string]bool{}
		for _, target := range p.Targets {
			require.False(t, refs[target.RefID], "two targets %s in %s", target.RefID, p.Title)
			refs[target.RefID] = true
			assert.Equal(t, "${datasource}", target.Datasource.UID, p.Title)
			for _, variable := range []string{"job", "instance", "pool"} {
				if variable != "pool" || !strings.Contains(target.Expr, processors) {
					assert.Contains(t, target.Expr, variable+`=~"$`+variable+`"`)
				}
				assert.True(t, variables[variable])
			}
			for _, name := range used(t, strings.ReplaceAll(target.Expr, "$__rate_interval", "5m"), names) {
				on[name] = true
			}
		}
	}
	for name := range names {
		assert.True(t, on[name], "%s is on no panel", name)
	}
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
