package load

import (
	"crypto/sha256"
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"sync"
)

// The documents are recorded output of "go list -json" for four packages of
// the standard library, of 2.5 to 3.6 KB, with GOROOT shown as /goroot.
//
//go:embed testdata/served/*.json
var recorded embed.FS

// A document is one request of the json workload, with its expected answer.
type document struct {
	text       []byte
	importPath string
	sum        [sha256.Size]byte
}

// documents has the recorded documents, in the order of their names.
var documents = sync.OnceValue(func() []*document {
	names, err := fs.Glob(recorded, "testdata/served/*.json")
	if err != nil {
		panic(err) // the pattern is bad
	}
	var docs []*document
	for _, name := range names {
		text, err := recorded.ReadFile(name)
		if err != nil {
			panic(err) // embedded files can be read
		}
		l, sum := parse(text)
		docs = append(docs, &document{text, l.ImportPath, sum})
	}
	return docs
})

// listing is what a build tool would read from the document.
type listing struct {
	Dir, ImportPath, Name, Doc, Root                                             string
	Goroot, Standard                                                             bool
	Match, GoFiles, IgnoredGoFiles, Imports, Deps, TestImports, XTestImports     []string
	TestGoFiles, XTestGoFiles, TestEmbedPatterns, EmbedPatterns, XTestEmbedFiles []string
}

func parse(text []byte) (listing, [sha256.Size]byte) {
	var l listing
	if err := json.Unmarshal(text, &l); err != nil {
		panic(fmt.Sprintf("recorded document: %v", err))
	}
	return l, sha256.Sum256(text)
}

// serve parses and hashes the document, and checks both results.
func (d *document) serve() {
	if l, sum := parse(d.text); l.ImportPath != d.importPath || sum != d.sum {
		panic("a document parsed differently the second time")
	}
}

// served is the json workload: every producer goes through the documents in
// turn.
func served(procs int) [][]func() {
	const (
		producersPerProc = 2
		batch            = 16
	)
	docs := documents()
	lists := make([][]func(), producersPerProc*procs)
	for i := range lists {
		for j := range batch {
			lists[i] = append(lists[i], docs[j%len(docs)].serve)
		}
	}
	return lists
}
