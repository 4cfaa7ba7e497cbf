package lfpool_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	edgeMark   = regexp.MustCompile(`\bedge (\w+):`)
	quotedName = regexp.MustCompile("`(\\w+)`")
)

// edgesInCode returns, for each edge that comments name, the functions in which
// they stand.
func edgesInCode(t *testing.T) map[string]map[string]bool {
	edges := map[string]map[string]bool{}
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
					in := functionAt(parsed, comment.Pos())
					require.NotEmpty(t, in, "%s: edge %s stands outside of any function", file, mark[1])
					if edges[mark[1]] == nil {
						edges[mark[1]] = map[string]bool{}
					}
					edges[mark[1]][in] = true
				}
			}
		}
	}
	return edges
}

func functionAt(file *ast.File, pos token.Pos) string {
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Pos() <= pos && pos < f.End() {
			return f.Name.Name
		}
	}
	return ""
}

// TestEdgesStandOnBothSides: DESIGN.md's table of the memory model's edges
// names the functions on either side of each; the marks in the code are in
// those functions and in no others.
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
		edge, marked := strings.TrimSpace(cells[1]), inCode[strings.TrimSpace(cells[1])]
		for side, cell := range map[string]string{"release": cells[2], "acquire": cells[3]} {
			names := quotedName.FindAllStringSubmatch(cell, -1)
			assert.NotEmpty(t, names, "edge %s has a function on its %s side", edge, side)
			for _, name := range names {
				assert.True(t, marked[name[1]], "edge %s: its mark stands in %s", edge, name[1])
			}
		}
		for name := range marked {
			assert.Contains(t, cells[2]+cells[3], "`"+name+"`", "edge %s is marked in %s, so the table says so", edge, name)
		}
		delete(inCode, edge)
	}
	assert.Empty(t, inCode, "edges that are marked in the code and not in the table")
}
