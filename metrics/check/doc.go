// Package check tests rules.yml and dashboard.json of package metrics with
// Prometheus' own packages. It is a module of its own, so that what they need
// does not enter the go.mod of package metrics.
package check
