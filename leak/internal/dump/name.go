package dump

import "strings"

// The name of a function as all formats tell it. They differ in these points:
//
//   - Of a generic function the protobuf has the type arguments' shapes,
//     main.pump[go.shape.int].func1, the texts have main.pump[...].func1.
//   - The texts of a runtime before Go 1.27 leave out all from the first bracket
//     to the last one, so a[x].b[y].c is a[...].c: see shorter.
//   - debug=2 has panic for runtime.gopanic.
//   - A vendored package has the path of the directory before it, in GOPATH
//     mode and in the standard library.
func plain(name string) string {
	if name == "panic" {
		return gopanic
	}
	return elide(unvendored(name))
}

const (
	gopanic = "runtime.gopanic"
	elided  = "[...]"
)

// elide puts "[...]" for each outermost pair of brackets. A bracket without its
// partner stays.
func elide(name string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(name, '[')
		if open < 0 {
			break
		}
		depth, end := 0, -1
		for i := open; i < len(name) && end < 0; i++ {
			switch name[i] {
			case '[':
				depth++
			case ']':
				if depth--; depth == 0 {
					end = i
				}
			}
		}
		if end < 0 {
			break
		}
		b.WriteString(name[:open])
		b.WriteString(elided)
		name = name[end+1:]
	}
	b.WriteString(name)
	return b.String()
}

// unvendored cuts the directory that has the vendored package.
func unvendored(name string) string {
	const vendor = "vendor/"
	path, _, _ := strings.Cut(name, "(") // a receiver, or what was a method value's
	path, _, _ = strings.Cut(path, "[")
	if at := strings.LastIndex(path, "/"+vendor); at >= 0 {
		return name[at+1+len(vendor):]
	}
	return strings.TrimPrefix(name, vendor)
}

// shorter is name as a runtime before Go 1.27 writes it in texts.
func shorter(name string) string {
	first, last := strings.Index(name, elided), strings.LastIndex(name, elided)
	if first == last {
		return name
	}
	return name[:first] + name[last:]
}

// oneName returns a function that maps entries of the protobuf's goroutines to
// the names that the texts among profiles have for them: the short ones, where
// the texts have these and not the long ones.
func oneName(profiles []*Profile) func(Format, string) string {
	texts := map[string]bool{}
	for _, p := range profiles {
		if p.Format == Protobuf {
			continue
		}
		for _, g := range p.Groups {
			entry, _ := entryOf(g.Stack)
			texts[entry] = true
		}
	}
	return func(f Format, entry string) string {
		if short := shorter(entry); f == Protobuf && !texts[entry] && texts[short] {
			return short
		}
		return entry
	}
}

// importPath undoes the linker's escapes, %2e for a dot in the last element of
// an import path.
func importPath(escaped string) string {
	var b strings.Builder
	for i := 0; i < len(escaped); i++ {
		if escaped[i] == '%' && i+2 < len(escaped) {
			high, low := hex(escaped[i+1]), hex(escaped[i+2])
			if high >= 0 && low >= 0 {
				b.WriteByte(byte(high<<4 | low))
				i += 2
				continue
			}
		}
		b.WriteByte(escaped[i])
	}
	return b.String()
}

func hex(digit byte) int { return strings.IndexByte("0123456789abcdef", digit) }
