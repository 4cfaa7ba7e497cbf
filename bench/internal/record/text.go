package record

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// about begins the line that has what is not a sample, as JSON. To benchstat it is
// a comment: it would refuse to compare files whose configuration differs.
const about = "# record "

// Text is the record in the Go benchmark format, a line for each sample, and at the end
// one about the run.
func (r *Record) Text() ([]byte, error) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s, commit %s, %d cores, load %.2f\n", r.Host.Date(), r.Host.Commit, r.Host.Cores, r.Host.Load)
	var config []benchfmt.Config
	for _, kv := range [][2]string{
		{"goos", r.Host.GOOS}, {"goarch", r.Host.GOARCH}, {"pkg", ModulePath + "/bench"}, {"cpu", r.Host.CPU}, {"go-version", r.Host.Go}, {"governor", r.Host.Governor},
	} {
		config = append(config, benchfmt.Config{Key: kv[0], Value: []byte(kv[1]), File: true})
	}
	writer := benchfmt.NewWriter(&b)
	for _, c := range r.Cells {
		for i := 0; ; i++ {
			result := &benchfmt.Result{Config: config, Name: c.name(), Iters: max(1, c.Ops)}
			for _, unit := range slices.Sorted(maps.Keys(c.Values)) {
				if values := c.Values[unit]; i < len(values) {
					result.Values = append(result.Values, benchfmt.Value{Value: values[i], Unit: unit})
				}
			}
			if len(result.Values) == 0 {
				break
			}
			if err := writer.Write(result); err != nil {
				return nil, err
			}
		}
	}
	line, err := json.Marshal(r)
	fmt.Fprintf(&b, "# %s\n%s%s\n", r.Noise, about, line)
	return b.Bytes(), err
}

var endsInNumber = regexp.MustCompile(`-[0-9]+$`)

// name is what benchstat shows: its parts can be columns.
func (k Key) name() benchfmt.Name {
	name := k.Kind + "/workload=" + k.Name
	if k.X != 0 {
		name += "/x=" + strconv.FormatFloat(k.X, 'f', -1, 64)
	}
	name += "/contestant=" + k.Contestant
	if k.Procs != 1 || endsInNumber.MatchString(k.Contestant) {
		name += fmt.Sprintf("-%d", k.Procs) // as package testing names them, but one that could be read otherwise
	}
	return benchfmt.Name(name)
}

// keyOf is the inverse of name.
func keyOf(name benchfmt.Name) (k Key, err error) {
	base, parts := name.Parts()
	k = Key{Kind: string(base), Procs: 1}
	for _, part := range parts {
		of, value, _ := strings.Cut(string(part), "=")
		switch of {
		case "/workload":
			k.Name = value
		case "/contestant":
			k.Contestant = value
		case "/x":
			k.X, err = strconv.ParseFloat(value, 64)
		default: // "-N"
			k.Procs, err = strconv.Atoi(strings.TrimPrefix(of, "-"))
		}
		if err != nil {
			return k, fmt.Errorf("benchmark %s: %w", name, err)
		}
	}
	return k, nil
}

// Read is the inverse of Text.
func Read(text []byte) (*Record, error) {
	r := new(Record)
	at := bytes.LastIndex(text, []byte("\n"+about))
	if at < 0 {
		return nil, fmt.Errorf("no line that begins with %q", about)
	}
	line, _, _ := bytes.Cut(text[at+1+len(about):], []byte("\n"))
	if err := json.Unmarshal(line, r); err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	reader := benchfmt.NewReader(bytes.NewReader(text), "record")
	for reader.Scan() {
		result, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			return nil, fmt.Errorf("record: %v", reader.Result())
		}
		k, err := keyOf(result.Name)
		if err != nil {
			return nil, err
		}
		values := map[string]float64{}
		for _, v := range result.Values {
			if v.OrigUnit != "" { // the reader has made seconds of nanoseconds
				v.Value, v.Unit = v.OrigValue, v.OrigUnit
			}
			values[v.Unit] = v.Value
		}
		r.Add(k, result.Iters, values)
	}
	return r, reader.Err()
}
