package lfpool_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	edgeMark   = regexp.MustCompile(`\bedge (\w+): (.*)`)
	codeName   = regexp.MustCompile(`\w+(?:\.\w+)?`)
	quotedName = regexp.MustCompile("`(\\w+\\.\\w+)`")
)

// An edgeSide is a function with a mark of an edge, as Type.Method, and what the
// mark says.
type edgeSide struct{ function, says string }

// partners returns the functions that the mark could mean by its words: Type.Method
// as it stands, or a method of its own type.
func (s edgeSide) partners() []string {
	own, _, _ := strings.Cut(s.function, ".")
	var names []string
	for _, word := range codeName.FindAllString(s.says, -1) {
		if !strings.Contains(word, ".") {
			word = own + "." + word
		}
		names = append(names, word)
	}
	return names
}

// edgesInCode returns the marks of each edge that comments name.
func edgesInCode(t *testing.T) map[string][]edgeSide {
	edges := map[string][]edgeSide{}
	for _, dir := range []string{".", "pool", "idle", "lfqueue"} {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		require.NoError(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
			require.NoError(t, err)
			for _, comment := range parsed.Comments {
				for _, mark := range edgeMark.FindAllStringSubmatch(comment.Text(), -1) {
					in := methodAt(parsed, comment.Pos())
					require.NotEmpty(t, in, "%s: edge %s stands outside of any method", file, mark[1])
					edges[mark[1]] = append(edges[mark[1]], edgeSide{in, mark[2]})
				}
			}
		}
	}
	return edges
}

// methodAt returns the method at pos, as Type.Method.
func methodAt(file *ast.File, pos token.Pos) string {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Recv == nil || pos < f.Pos() || f.End() <= pos {
			continue
		}
		receiver := f.Recv.List[0].Type
		if pointer, ok := receiver.(*ast.StarExpr); ok {
			receiver = pointer.X
		}
		if generic, ok := receiver.(*ast.IndexExpr); ok {
			receiver = generic.X
		}
		return receiver.(*ast.Ident).Name + "." + f.Name.Name
	}
	return ""
}

func quotedNames(cell string) (names []string) {
	for _, name := range quotedName.FindAllStringSubmatch(cell, -1) {
		names = append(names, name[1])
	}
	return names
}

// TestEdgesStandOnBothSides: DESIGN.md's table of the memory model's edges
// names the functions on either side of each. The marks in the code are in those
// functions and in no others, and each names a function of the other side.
func TestEdgesStandOnBothSides(t *testing.T) {
	design, err := os.ReadFile("DESIGN.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(design), "| edge | release side | acquire side |")
	require.True(t, found, "DESIGN.md has the table of edges")
	table, _, _ = strings.Cut(table, "\n\n")
	inCode := edgesInCode(t)
	for _, row := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(row, "|")
		require.GreaterOrEqual(t, len(cells), 4, row)
		edge := strings.TrimSpace(cells[1])
		releases, acquires := quotedNames(cells[2]), quotedNames(cells[3])
		assert.NotEmpty(t, releases, "edge %s has a function on its release side", edge)
		assert.NotEmpty(t, acquires, "edge %s has a function on its acquire side", edge)
		marked := map[string]bool{}
		for _, mark := range inCode[edge] {
			marked[mark.function] = true
			var others []string
			if slices.Contains(releases, mark.function) {
				others = append(others, acquires...)
			}
			if slices.Contains(acquires, mark.function) {
				others = append(others, releases...)
			}
			assert.NotEmpty(t, others, "edge %s is marked in %s, so the table says so", edge, mark.function)
			assert.True(t, slices.ContainsFunc(mark.partners(), func(name string) bool { return slices.Contains(others, name) }),
				"edge %s: its mark in %s names a function of the other side, of %v: %s", edge, mark.function, others, mark.says)
		}
		for _, name := range append(releases, acquires...) {
			assert.True(t, marked[name], "edge %s: its mark stands in %s", edge, name)
		}
		delete(inCode, edge)
	}
	assert.Empty(t, inCode, "edges that are marked in the code and not in the table")
}
