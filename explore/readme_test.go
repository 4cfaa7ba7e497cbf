package explore_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/lfpool/lfpool/explore"
	"github.com/lfpool/lfpool/explore/linear"
)

// lines are those of a text, without the blanks around each.
func lines(text string) []string {
	all := strings.Split(strings.TrimSpace(text), "\n")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// TestREADME: its scenario stands in example_test.go, what is printed of it is
// what comes out, and its other code is in readmeCode.
func TestREADME(t *testing.T) {
	readme := read(t, "README.md")
	blocks := regexp.MustCompile("(?s)```(go)?\n(.*?)```").FindAllStringSubmatch(readme, -1)
	if len(blocks) != 3 {
		t.Fatalf("%d blocks", len(blocks))
	}
	for block, file := range map[int]string{0: "example_test.go", 2: "readme_test.go"} {
		want := strings.Join(lines(blocks[block][2]), "\n")
		if !strings.Contains(strings.Join(lines(read(t, file)), "\n"), want) {
			t.Errorf("%s does not have\n%s", file, want)
		}
	}
	r := explore.Explore(popAndReuse)
	place := regexp.MustCompile(` example_test\.go:\d+ `)
	if got, want := lines(place.ReplaceAllString(r.Failure.Trace, "")), lines(blocks[1][2]); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("README.md shows\n%s\nand what comes out is\n%s", strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	if !strings.Contains(readme, "EXPLORE_REPLAY='"+r.Failure.Schedule+"'") {
		t.Errorf("README.md does not have the schedule %s", r.Failure.Schedule)
	}
	explore.Test(t, readmeCode)
}

func readmeCode(x *explore.Run) {
	q := newRing(2)
	h := linear.Watch(x, linear.Queue(0))
	x.Go("putter", func() { linear.Do(h, linear.Put{V: 1}, func() bool { return q.Put(1) }) })
}
