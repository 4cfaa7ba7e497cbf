package lfpool_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestFAQNamesTestsThatExist: each answer in docs/FAQ.md but the last one has
// commands, and these run tests that there are.
func TestFAQNamesTestsThatExist(t *testing.T) {
	faq, err := os.ReadFile("docs/FAQ.md")
	require.NoError(t, err)
	command := regexp.MustCompile(`(?m)^    \(?(?:cd (\w+) && )?(?:GOWORK=off )?go test (?:-race )?(?:-tags \w+ )?(\S+) -run '?([\w|]+)'?\)?$`)
	answers := strings.Split(string(faq), "\n**")[1:]
	require.Greater(t, len(answers), 10)
	for i, answer := range answers {
		commands := command.FindAllStringSubmatch(answer, -1)
		assert.Equal(t, strings.Count(answer, "\n    "), len(commands), "a line is no command to run tests: %s", answer)
		assert.True(t, len(commands) > 0 || i == len(answers)-1, "no test is named in: %s", answer)
		for _, c := range commands {
			tests := testsIn(t, filepath.Join(c[1], c[2]))
			for name := range strings.SplitSeq(c[3], "|") {
				assert.Contains(t, tests, name, "in %s", c[0])
			}
		}
	}
}

// testsIn returns the names of the tests of the package in dir.
func testsIn(t *testing.T, dir string) (names []string) {
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, name := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, name[1])
		}
	}
	return names
}

// TestIssuesInDocsAreLinks: an issue is named with its repository and linked to,
// or follows one of the same repository.
func TestIssuesInDocsAreLinks(t *testing.T) {
	issue := regexp.MustCompile(`[\w./-]*#\d+`)
	link := regexp.MustCompile(`\[(?:([\w.-]+/[\w.-]+))?#(\d+)\]\(https://github\.com/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)\)`)
	files, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, file := range append(files, "README.md") {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		repository := ""
		for _, l := range link.FindAllStringSubmatch(string(text), -1) {
			if l[1] != "" {
				repository = l[1]
			}
			assert.Equal(t, repository, l[3], l[0])
			assert.Equal(t, l[2], l[4], l[0])
		}
		assert.Empty(t, issue.FindAllString(link.ReplaceAllString(string(text), ""), -1), "%s: issues without a link", file)
	}
}

// headings are what links into a page can name, as GitHub makes them.
func headings(t *testing.T, page string) (names []string) {
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	gone := regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)
	for _, h := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(string(text), -1) {
		names = append(names, strings.ReplaceAll(gone.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return names
}

// TestLinksInDocsLeadSomewhere looks at links and pictures in the repository, and at the
// headings that links name.
func TestLinksInDocsLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`(?:\]\(|src="|srcset=")([^)"#:]*)(?:#([^)"]*))?[)"]`)
	for _, pattern := range []string{"*.md", "*/*.md", "*/*/*.md"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			for _, l := range link.FindAllStringSubmatch(codeSpan.ReplaceAllString(string(text), ""), -1) {
				target := filepath.Join(filepath.Dir(file), l[1])
				if l[1] == "" {
					target = file
				}
				_, err := os.Stat(target)
				assert.NoError(t, err, "%s links to %s", file, l[1])
				if strings.HasSuffix(target, ".md") && l[2] != "" {
					assert.Contains(t, headings(t, target), l[2], "%s links to %s", file, l[0])
				}
			}
		}
	}
}

var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// migrationTables returns the cells of the rows of each table in a file whose
// head is there, here, and maybe more.
func migrationTables(t *testing.T, file string) (rows [][]string) {
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	inTable := false
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		switch {
		case len(cells) < 4:
			inTable = false
		case strings.HasPrefix(line, "| there | here |"):
			inTable = true
		case inTable && !strings.HasPrefix(line, "|---"):
			rows = append(rows, cells[1:len(cells)-1])
		}
	}
	return rows
}

// canonical returns the tokens of Go code, without comments and without the
// separators that only a line break or its absence asks for.
func canonical(code string) string {
	files, source := token.NewFileSet(), []byte(code)
	var s scanner.Scanner
	s.Init(files.AddFile("", -1, len(source)), source, nil, 0)
	var tokens []string
	for {
		_, tok, literal := s.Scan()
		switch tok {
		case token.EOF:
			return strings.TrimSuffix(strings.Join(tokens, " "), " ;")
		case token.RPAREN, token.RBRACE, token.RBRACK:
			if n := len(tokens); n > 0 && (tokens[n-1] == ";" || tokens[n-1] == ",") {
				tokens = tokens[:n-1]
			}
		}
		if !tok.IsLiteral() {
			literal = tok.String()
		}
		tokens = append(tokens, literal)
	}
}

// codeIn returns each declaration, statement and expression of a source file.
func codeIn(t *testing.T, file, source string) map[string]bool {
	files, code := token.NewFileSet(), map[string]bool{}
	parsed, err := parser.ParseFile(files, file, source, 0)
	require.NoError(t, err, source)
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n.(type) {
		case ast.Decl, ast.Stmt, ast.Expr:
			code[canonical(source[files.Position(n.Pos()).Offset:files.Position(n.End()).Offset])] = true
		}
		return true
	})
	return code
}

// statements returns the declarations, or else the statements, that code
// consists of.
func statements(t *testing.T, code string) (parts []string) {
	files, source := token.NewFileSet(), "package p\n"+code
	parsed, err := parser.ParseFile(files, "", source, 0)
	cut := func(n ast.Node) {
		parts = append(parts, canonical(source[files.Position(n.Pos()).Offset:files.Position(n.End()).Offset]))
	}
	if err == nil {
		for _, d := range parsed.Decls {
			cut(d)
		}
		return parts
	}
	files, source = token.NewFileSet(), "package p\nfunc _() {\n"+code+"\n}"
	parsed, err = parser.ParseFile(files, "", source, 0)
	require.NoError(t, err, code)
	for _, s := range parsed.Decls[0].(*ast.FuncDecl).Body.List {
		cut(s)
	}
	return parts
}

// TestDocsCodeIsCompiled: each Go block of README.md and of the pages in docs stands,
// statement by statement, in a test or an example of a package that the page is about.
func TestDocsCodeIsCompiled(t *testing.T) {
	compiled := map[string]bool{}
	for _, pattern := range []string{"*_test.go", "pool/example*_test.go", "lfpooltest/*_test.go", "metrics/example_test.go"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			maps.Copy(compiled, codeIn(t, file, string(source)))
		}
	}
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	blocks := 0
	for _, page := range append(pages, "README.md") {
		text, err := os.ReadFile(page)
		require.NoError(t, err)
		for _, block := range strings.Split(string(text), "```go\n")[1:] {
			blocks++
			code, _, closed := strings.Cut(block, "```")
			assert.True(t, closed, page)
			for _, part := range statements(t, code) {
				assert.True(t, compiled[part], "%s: this is in no test or example: %s", page, part)
			}
		}
	}
	assert.Greater(t, blocks, 15)
}

// TestEveryPageIsFound: docs/README.md leads to each page beside it.
func TestEveryPageIsFound(t *testing.T) {
	index, err := os.ReadFile("docs/README.md")
	require.NoError(t, err)
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, page := range pages {
		if name := filepath.Base(page); name != "README.md" {
			assert.Contains(t, string(index), "]("+name, "docs/README.md does not lead to %s", page)
		}
	}
}

// TestMigrationCodeIsCompiled: all code for lfpool in the tables of docs/migration.md
// stands in migration_test.go too.
func TestMigrationCodeIsCompiled(t *testing.T) {
	source, err := os.ReadFile("migration_test.go")
	require.NoError(t, err)
	compiled := codeIn(t, "migration_test.go", string(source))
	check := func(where, code string) {
		for _, part := range statements(t, code) {
			assert.True(t, compiled[part], "%s: this is not in migration_test.go: %s", where, part)
		}
	}
	const file, least = "docs/migration.md", 110
	rows := migrationTables(t, file)
	assert.Greater(t, len(rows), least, file)
	for _, cells := range rows {
		for _, span := range codeSpan.FindAllStringSubmatch(cells[1], -1) {
			check(file, span[1])
		}
	}
}

// exported returns the exported names of the library's packages, as in
// pool.New, and the methods and fields of their types, as in Pool.Go.
func exported(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for pkg, dir := range map[string]string{"lfpool": ".", "pool": "pool", "multi": "pool/multi", "idle": "idle", "lfpooltest": "lfpooltest", "parallel": "parallel"} {
		maps.Copy(names, exportedBy(t, pkg, dir))
	}
	return names
}

// exportedBy returns the names that the package in dir exports, and the exported methods
// and fields of its types. (Not every type with an exported method is exported.)
func exportedBy(t *testing.T, pkg, dir string) map[string]bool {
	names := map[string]bool{}
	add := func(of, name string) {
		if ast.IsExported(name) && (of == pkg || ast.IsExported(of)) {
			names[of+"."+name] = true
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		require.NoError(t, err)
		for _, d := range parsed.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil {
					add(pkg, d.Name.Name)
					continue
				}
				ast.Inspect(d.Recv.List[0].Type, func(n ast.Node) bool {
					if of, ok := n.(*ast.Ident); ok && len(of.Name) > 1 { // not a type parameter
						add(of.Name, d.Name.Name)
					}
					return true
				})
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.ValueSpec:
						for _, name := range spec.Names {
							add(pkg, name.Name)
						}
					case *ast.TypeSpec:
						add(pkg, spec.Name.Name)
						if s, ok := spec.Type.(*ast.StructType); ok {
							for _, field := range s.Fields.List {
								for _, name := range field.Names {
									add(spec.Name.Name, name.Name)
								}
							}
						}
					}
				}
			}
		}
	}
	return names
}

// ours are names of the library in code.
var ours = regexp.MustCompile(`\b(lfpool|pool|multi|idle|lfpooltest|parallel|[A-Z]\w*)\.[A-Z]\w*`)

// TestAPIOnOnePage: docs/api.md has, in its section "In one page", each name that package
// lfpool, lfpooltest or parallel exports, what the types of package lfpool have, and no
// name that does not exist.
func TestAPIOnOnePage(t *testing.T) {
	text, err := os.ReadFile("docs/api.md")
	require.NoError(t, err)
	_, page, found := strings.Cut(string(text), "\n## In one page\n")
	require.True(t, found)
	page, _, _ = strings.Cut(page, "\n## ")
	want := map[string]bool{}
	for pkg, dir := range map[string]string{"lfpool": ".", "lfpooltest": "lfpooltest", "parallel": "parallel"} {
		maps.Copy(want, exportedBy(t, pkg, dir))
	}
	for name := range exportedBy(t, "pool", "pool") {
		of, _, _ := strings.Cut(name, ".")
		if want["lfpool."+of] { // a type of both
			want[name] = true
		}
	}
	require.True(t, want["Pool.Go"] && want["Stats.Queued"] && want["Future.Wait"] && want["Shedding.Target"], want)
	shown, all := map[string]bool{}, exported(t)
	for _, span := range codeSpan.FindAllStringSubmatch(page, -1) {
		for _, name := range ours.FindAllString(span[1], -1) {
			shown[name] = true
			assert.True(t, all[name], "%s does not exist", name)
		}
	}
	for name := range want {
		assert.True(t, shown[name], "docs/api.md does not show %s", name)
	}
}

// TestMigrationNamesExist: whatever docs/migration.md says of lfpool's names,
// in code and beside it, they exist. (What other libraries have is in the first
// column.)
func TestMigrationNamesExist(t *testing.T) {
	text, err := os.ReadFile("docs/migration.md")
	require.NoError(t, err)
	elsewhere := regexp.MustCompile("(?ms)^```.*?^```|^\\|[^|]*\\|") // blocks, which are compiled, and first columns
	names := exported(t)
	require.True(t, names["pool.New"] && names["Pool.Go"] && names["Stats.Queued"])
	var found []string
	for _, span := range codeSpan.FindAllStringSubmatch(elsewhere.ReplaceAllString(string(text), "|"), -1) {
		for _, name := range ours.FindAllString(span[1], -1) {
			assert.True(t, names[name], "%s does not exist", name)
			found = append(found, name)
		}
	}
	slices.Sort(found)
	assert.Greater(t, len(slices.Compact(found)), 30)
}
