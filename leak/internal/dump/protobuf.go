package dump

import (
	"fmt"
	"strings"

	"github.com/google/pprof/profile"
)

func parseProtobuf(data []byte) (*Profile, error) {
	raw, err := profile.ParseUncompressed(data)
	if err == nil {
		err = raw.CheckValid()
	}
	if err != nil {
		return nil, &InputError{0, fmt.Sprintf("neither text nor a whole protobuf profile (%v): truncated, or something else; %s", err, wanted)}
	}
	if len(raw.SampleType) != 1 || !strings.HasPrefix(raw.SampleType[0].Type, "goroutine") {
		var has []string
		for _, t := range raw.SampleType {
			has = append(has, t.Type+"/"+t.Unit)
		}
		return nil, &InputError{0, fmt.Sprintf("a profile of %s; %s", strings.Join(has, ", "), wanted)}
	}
	var c collector
	c.leaks = raw.SampleType[0].Type == leakKind
	for _, from := range raw.Sample {
		s := sample{count: int(from.Value[0])}
		if s.count <= 0 {
			return nil, &InputError{0, fmt.Sprintf("a sample of %d goroutines: not a snapshot (perhaps a difference of two profiles); %s", s.count, wanted)}
		}
		for _, location := range from.Location {
			if len(location.Line) == 0 {
				s.stack = append(s.stack, Frame{Func: fmt.Sprintf("%#x", location.Address)})
			}
			for _, line := range location.Line {
				f := Frame{Func: fmt.Sprintf("%#x", location.Address), Line: int(line.Line)}
				if line.Function != nil {
					f.Func, f.File = line.Function.Name, line.Function.Filename
				}
				s.stack = append(s.stack, f)
			}
		}
		for key, values := range from.Label {
			if s.labels == nil {
				s.labels = map[string]string{}
			}
			s.labels[key] = strings.Join(values, ",")
		}
		c.add(s)
	}
	return c.profile(Protobuf), nil
}
