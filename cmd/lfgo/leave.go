package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/lfpool/lfpool/cmd/lfgo/rewrite"
)

// lived are the go statements, FILE:LINE, whose goroutines have lived long.
type lived map[string]string

var (
	goroutineHead = regexp.MustCompile(`(?m)^goroutine \d+ \[[^\]]*?(?:, (\d+) minutes)?(?:, [^\]]*)?\]:$`)
	createdBy     = regexp.MustCompile(`(?m)^created by .*\n\t(.*):(\d+)(?: \+0x[0-9a-f]+)?$`)
)

// longLived reads a goroutine dump. A goroutine that has waited for minutes is
// one that a pool gains nothing by.
func longLived(file string) (lived, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	heads := goroutineHead.FindAllSubmatchIndex(text, -1)
	if len(heads) == 0 {
		return nil, fmt.Errorf("%s is not a goroutine dump: get one at /debug/pprof/goroutine?debug=2", file)
	}
	found := lived{}
	for i, h := range heads {
		end := len(text)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		if h[2] < 0 {
			continue
		}
		minutes := string(text[h[2]:h[3]])
		if by := createdBy.FindSubmatch(text[h[0]:end]); by != nil {
			found[string(by[1])+":"+string(by[2])] = minutes
		}
	}
	return found, nil
}

func (l lived) keep(s rewrite.Statement) string {
	if minutes := l[s.Position.Filename+":"+strconv.Itoa(s.Position.Line)]; minutes != "" {
		return "it lives long: " + minutes + " minutes were seen"
	}
	return ""
}
