module github.com/lfpool/lfpool/verify

go 1.25.0

require (
	github.com/anishathalye/porcupine v1.3.1
	github.com/lfpool/lfpool v0.0.0
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/puzpuzpuz/xsync/v3 v3.5.1 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/sys v0.47.0 // indirect
)

replace github.com/lfpool/lfpool => ..

require github.com/lfpool/lfpool/explore v0.0.0

replace github.com/lfpool/lfpool/explore => ../explore
