module github.com/lfpool/lfpool/bench

go 1.26.0

require (
	github.com/aclements/go-moremath v0.0.0-20210112150236-f10218a38794
	github.com/alitto/pond/v2 v2.7.1
	github.com/bytedance/gopkg v0.1.4
	github.com/cloudwego/gopkg v0.1.4
	github.com/gammazero/workerpool v1.3.0
	github.com/klauspost/cpuid/v2 v2.4.0
	github.com/lfpool/lfpool v0.0.0
	github.com/panjf2000/ants/v2 v2.12.1
	github.com/prometheus/procfs v0.23.0
	github.com/samber/lo v1.53.0
	github.com/sourcegraph/conc v0.3.0
	github.com/stretchr/testify v1.12.1
	github.com/tiancaiamao/gp v0.0.0-20221230034425-4025bc8a4d4a
	golang.org/x/perf v0.0.0-20260908200009-22c9c6c9d4da
	golang.org/x/sync v0.24.0
	golang.org/x/sys v0.49.0
)

require (
	github.com/gammazero/deque v1.2.2 // indirect
	github.com/puzpuzpuz/xsync/v3 v3.5.1 // indirect
	go.uber.org/atomic v1.7.0 // indirect
	go.uber.org/multierr v1.9.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)

replace github.com/lfpool/lfpool => ..
