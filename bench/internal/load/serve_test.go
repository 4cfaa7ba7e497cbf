package load

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDocuments(t *testing.T) {
	docs := documents()
	assert.Len(t, docs, 4)
	for _, d := range docs {
		assert.GreaterOrEqual(t, len(d), 2<<10)
		assert.LessOrEqual(t, len(d), 6<<10)
		assert.NotPanics(t, d.serve)
		assert.Panics(t, document(bytes.Replace(d, []byte("/goroot/src/"), []byte("/goroot/src/x"), 1))[1:].serve)
		assert.Panics(t, document(bytes.Replace(d, []byte(`"ImportPath": "`), []byte(`"ImportPath": "x`), 1)).serve)
	}
}
