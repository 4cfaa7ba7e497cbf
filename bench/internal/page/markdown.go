package page

import (
	_ "embed"
	"io"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/lfpool/lfpool/bench/internal/record"
)

//go:embed pages.md
var markdownSource string

var markdown = template.Must(template.New("").Funcs(template.FuncMap{"join": strings.Join}).Parse(markdownSource))

// A Writer writes what a Markdown file shows of a record, which the file sees under the
// name base, without its extension.
type Writer func(w io.Writer, r *record.Record, base string) error

func written(name string, parts ...string) Writer {
	return func(w io.Writer, r *record.Record, base string) error {
		return markdown.ExecuteTemplate(w, name, view{r, base, parts})
	}
}

// Choice is README's list of when to use lfpool and when go; Results its short table, and
// how lfpool stands beside other pools and in what is not in it.
var Choice, Results = written("choice"), written("results")

// Page has parts of what a record tells. Several have headings, and what was learnt in
// words above.
func Page(parts ...string) Writer { return written("page", parts...) }

// A view is a record as the templates of pages.md see it.
type view struct {
	R    *record.Record
	Base string
	ids  []string // of the parts of a page
}

// Command is what made the record, but for the name of its file.
func (v view) Command() string {
	command := "go run ./bench " + strings.Join(v.R.Args, " ")
	return strings.TrimSpace(outputFlag.ReplaceAllString(command, ""))
}

var outputFlag = regexp.MustCompile(` --?o[ =]\S*`)

// Rounds is how many there were, at most.
func (v view) Rounds() (n int) {
	for _, c := range v.R.Cells {
		for _, values := range c.Values {
			n = max(n, len(values))
		}
	}
	return n
}

func (v view) Many() bool        { return len(v.ids) > 1 }
func (v view) Learnt() []string  { return Learnt(v.R) }
func (v view) Short() Table      { return short(v.R) }
func (v view) Advices() []advice { return advices(v.R) }
func (v view) Beside() []string  { return beside(v.R) }

func (v view) Parts() []part {
	return slices.DeleteFunc(parts(v.R), func(p part) bool { return !slices.Contains(v.ids, p.ID) })
}
