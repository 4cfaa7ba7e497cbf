module github.com/lfpool/lfpool/explore

go 1.25.0

require (
	github.com/anishathalye/porcupine v1.3.1
	pgregory.net/rapid v1.3.0
)

require github.com/puzpuzpuz/xsync/v3 v3.5.1
