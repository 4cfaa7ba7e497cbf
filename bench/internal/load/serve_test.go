package load

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDocuments(t *testing.T) {
	docs := documents()
	assert.Len(t, docs, 4)
	for _, d := range docs {
		assert.NotEmpty(t, d.importPath)
		assert.GreaterOrEqual(t, len(d.text), 2<<10, d.importPath)
		assert.LessOrEqual(t, len(d.text), 6<<10, d.importPath)
		l, _ := parse(d.text)
		assert.Equal(t, "/goroot/src/"+d.importPath, l.Dir)
		assert.NotEmpty(t, l.GoFiles)
		assert.NotEmpty(t, l.Deps)
		assert.NotPanics(t, d.serve)
	}
}

func TestServeNoticesADifference(t *testing.T) {
	other := *documents()[0]
	other.sum[0]++
	assert.Panics(t, other.serve)
}
