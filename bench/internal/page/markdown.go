package page

import (
	_ "embed"
	"io"
	"path"
	"slices"
	"strings"
	"text/template"

	"github.com/lfpool/lfpool/bench/internal/record"
)

//go:embed pages.md
var markdownSource string

var markdown = template.Must(template.New("").Funcs(template.FuncMap{"join": strings.Join, "dir": path.Dir}).Parse(markdownSource))

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

// Command is what made the record, as it is typed today.
func (v view) Command() string {
	args := slices.Clone(v.R.Args)
	if i := slices.Index(args, "-o"); i >= 0 && i+1 < len(args) {
		args = slices.Delete(args, i, i+2)
	}
	if v.R.Full {
		args = []string{"full"}
	}
	return strings.TrimSpace("go run ./bench " + strings.Join(args, " "))
}

// Rounds is how many there were, at most.
func (v view) Rounds() (n int) {
	for _, c := range v.R.Cells {
		for _, values := range c.Values {
			n = max(n, len(values))
		}
	}
	return n
}

func (v view) Many() bool       { return len(v.ids) > 1 }
func (v view) Learnt() []string { return Learnt(v.R) }
func (v view) Short() Table     { return short(v.R) }

func (v view) Parts() []part {
	return slices.DeleteFunc(parts(v.R), func(p part) bool { return !slices.Contains(v.ids, p.ID) })
}

func (v view) Pays() []string {
	pays, _ := choices(v.R)
	return pays
}

func (v view) Not() []string {
	_, not := choices(v.R)
	return not
}

func (v view) Said() (sentences []string) {
	for _, said := range [][]string{besideOthers(v.R), lostElsewhere(v.R)} {
		if len(said) > 0 {
			sentences = append(sentences, sentenceOf(said))
		}
	}
	return sentences
}
