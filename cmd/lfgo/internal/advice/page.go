package advice

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"base": base, "short": short,
	"percent": func(x float64) string { return fmt.Sprintf("%.1f %%", 100*x) },
}).Parse(pageText))

// Page writes the advice as a page with a picture. Either may be missing.
func Page(w io.Writer, a *Advice, lives []Lives, from []string) error {
	data := struct {
		A        *Advice
		Lives    []Lives
		From     []string
		Picture  template.HTML
		Lo, Hi   float64
		LeaveOut float64
	}{A: a, Lives: lives, From: from, LeaveOut: LeaveIt}
	if a != nil {
		picture, err := a.picture()
		if err != nil {
			return err
		}
		data.Picture = picture
		lo, hi := a.Program.Saving()
		data.Lo, data.Hi = a.Share(lo), a.Share(hi)
	}
	return page.Execute(w, data)
}

// Saves is what lfpool would save in a row, in words.
func (a *Advice) Saves(r Row) string { return a.saves(r) }
