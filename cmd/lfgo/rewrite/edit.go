package rewrite

import (
	"bytes"
	"cmp"
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// An Edit puts New in the place of the bytes from Start to End of a file.
type Edit struct {
	Start, End int
	New        string
}

// Apply returns the source with the edits made. They must not overlap; of two at
// the same place the first one comes first.
func Apply(source []byte, edits []Edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b Edit) int { return cmp.Compare(a.Start, b.Start) })
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(source[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(source[at:])
	return out.Bytes()
}

// oneLine returns the tokens of an expression on one line, without comments. It
// is for constants and the names of functions, which are moved into a closure.
func oneLine(source []byte) string {
	files := token.NewFileSet()
	var s scanner.Scanner
	s.Init(files.AddFile("", -1, len(source)), source, nil, 0)
	var tokens []string
	for {
		_, tok, text := s.Scan()
		switch {
		case tok == token.EOF:
			return strings.Join(tokens, " ")
		case tok == token.SEMICOLON && text == "\n":
			tokens = append(tokens, ";") // in a type literal, or at the end
			continue
		case tok == token.STRING && strings.Contains(text, "\n"):
			// A raw string: its value has no carriage return.
			text = strconv.Quote(strings.ReplaceAll(text[1:len(text)-1], "\r", ""))
		case !tok.IsLiteral():
			text = tok.String()
		}
		tokens = append(tokens, text)
	}
}

// moved is oneLine without the semicolon that the scanner sets at the end.
func moved(source []byte) string { return strings.TrimSuffix(oneLine(source), " ;") }
