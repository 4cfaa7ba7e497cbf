// Package results has the records of full runs, for what is held to the newest of them.
package results

import "embed"

// Full has the records of full runs.
//
//go:embed *-full.txt
var Full embed.FS
