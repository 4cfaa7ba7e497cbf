// Package integrations is a module of examples: lfpool's pools in servers and
// programs that start goroutines in their own way. Each package has one small
// function to use or to copy, a runnable example, and tests on loopback.
// README.md has the table and the figures.
package integrations
