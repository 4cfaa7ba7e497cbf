module github.com/lfpool/lfpool/cmd/lfgo

go 1.26.0

replace github.com/lfpool/lfpool => ../..

require (
	golang.org/x/mod v0.43.0
	golang.org/x/term v0.48.0
	golang.org/x/tools v0.52.1-0.20261106145633-d407941a339a
)

require (
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.50.0 // indirect
)
