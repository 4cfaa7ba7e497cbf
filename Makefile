# Each target is a line or two that you could type yourself.

test:
	go test -race ./...

bench:
	go run ./bench

quick:
	go run ./bench -quick

stress:
	go test -cpu 1,2,4,8 -count 3 ./lfqueue ./idle ./pool .

linear:
	cd verify && go test -v ./linear

mutants:
	cd verify && go run ./mutants

lint:
	gofmt -l .
	go vet ./...
	GOWORK=off go tool -modfile=tools/go.mod staticcheck ./...

ci:
	bash .ci/run

.PHONY: test bench quick stress linear mutants lint ci
