package contest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lfpool/lfpool/internal/baseline"
)

// A Choice is a part of a pool and the names of what can be chosen for it.
type Choice struct {
	Part, Doc string
	Names     []string
	// contestant is who has the part with that name, and the rest as shipped.
	contestant func(name string) string
}

// Choices lists the parts that can be exchanged, one at a time.
var Choices = []Choice{
	{"idle", "where parked workers wait", names(baseline.IdleQueues), exchanged("idle-")},
	{"tasks", "where tasks wait", names(baseline.TaskQueues), exchanged("tasks-")},
	{"dispatch", "how a task finds its worker", []string{"chain", "handoff", "grpc", "go"}, func(name string) string {
		return map[string]string{"chain": Subject, "handoff": "handoff", "grpc": "grpc-style", "go": Reference}[name]
	}},
	{"retention", "how long parked workers are kept", retentionNames(), exchanged("retention-")},
	{"multi", "one pool or several, and which of them a task goes to", multiNames(), exchanged("multi-")},
}

// Paddings are the layouts of shared words: each on a cache line of its own, or
// all on one. Only variants whose layout is known have the second.
var Paddings = []string{"on", "off"}

func names[Q any](parts []baseline.Part[Q]) []string {
	var all []string
	for _, p := range parts {
		all = append(all, p.Name)
	}
	return all
}

func retentionNames() []string {
	var all []string
	for _, r := range baseline.Retentions {
		all = append(all, r.Name)
	}
	return all
}

func multiNames() []string {
	all := []string{"one"}
	for _, s := range baseline.Strategies {
		all = append(all, s.Name)
	}
	for _, c := range baseline.Limited {
		all = append(all, strings.TrimPrefix(c.Name, "multi-"))
	}
	return all
}

// exchanged names the contestant that has one part exchanged. What is shipped
// is lfpool itself.
func exchanged(prefix string) func(string) string {
	return func(name string) string {
		if !has(prefix + name) {
			return Subject
		}
		return prefix + name
	}
}

func has(name string) bool {
	return slices.ContainsFunc(All(), func(c baseline.Contestant) bool { return c.Name == name })
}

// Parse splits a list of names and checks each against those there are.
func Parse(list string, known []string) ([]string, error) {
	var chosen []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); !slices.Contains(known, name) {
			return nil, fmt.Errorf("no %q: want some of %s", name, strings.Join(known, ","))
		}
		chosen = append(chosen, name)
	}
	return chosen, nil
}

// Variants returns go, lfpool, and lfpool with one part exchanged for each name
// chosen, by part. With padding off, variants that have a form without padding
// take it; with both, they come in both forms.
func Variants(chosen map[string][]string, paddings []string) []baseline.Contestant {
	list := []string{Reference, Subject}
	add := func(name string) {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	for _, choice := range Choices {
		for _, name := range chosen[choice.Part] {
			who := choice.contestant(name)
			tight := has(who + baseline.TightSuffix)
			if !tight || slices.Contains(paddings, "on") {
				add(who)
			}
			if tight && slices.Contains(paddings, "off") {
				add(who + baseline.TightSuffix)
			}
		}
	}
	return Named(list...)
}
