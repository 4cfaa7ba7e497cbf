package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// takesValue are the flags of go build and go test that are followed by a value:
// whatever else begins with a dash is a flag alone.
var takesValue = map[string]bool{}

func init() {
	for name := range strings.FieldsSeq(`
		C asmflags bench benchtime blockprofile blockprofilerate buildmode compiler count covermode coverpkg
		coverprofile cpu cpuprofile exec fuzz fuzzminimizetime fuzztime gccgoflags gcflags installsuffix
		ldflags list memprofile memprofilerate mod modfile mutexprofile mutexprofilefraction o outputdir
		overlay p parallel pgo pkgdir run shuffle skip tags timeout toolexec trace vet`) {
		takesValue[name] = true
	}
}

// choosesFiles are the build flags that decide which files there are.
var choosesFiles = []string{"tags", "race", "msan", "asan", "compiler"}

// arguments are a command line of go test or go run, with lfgo's own flags taken
// out.
type arguments struct {
	own      map[string]string // lfgo's flags
	flags    []string          // the go command's
	packages []string
	rest     []string // from -args, or, of a command that runs one program, after its package
}

// ownFlags of test, run and bench: true if they are followed by a value.
var ownFlags = map[string]bool{"deps": true, "why": false, "lfpool": true, "leave": true}

// parseArguments splits a command line. oneProgram is for go run, whose
// arguments after the package are the program's.
func parseArguments(line []string, own map[string]bool, oneProgram bool) (arguments, error) {
	a := arguments{own: map[string]string{}}
	for i := 0; i < len(line); i++ {
		arg := line[i]
		if !strings.HasPrefix(arg, "-") || arg == "-" {
			a.packages = append(a.packages, arg)
			if !oneProgram {
				continue
			}
			// go run takes a list of files, or one package.
			for i++; i < len(line) && strings.HasSuffix(arg, ".go") && strings.HasSuffix(line[i], ".go"); i++ {
				a.packages = append(a.packages, line[i])
			}
			a.rest = line[i:]
			return a, nil
		}
		name, value, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if name == "args" {
			a.rest = line[i:]
			break
		}
		needs, isOwn := own[name]
		given := arg
		if !hasValue && (isOwn && needs || !isOwn && takesValue[strings.TrimPrefix(name, "test.")]) {
			if i++; i == len(line) {
				return a, fmt.Errorf("-%s is not followed by a value", name)
			}
			value = line[i]
			given += "=" + value
		}
		switch {
		case isOwn && !needs && !hasValue:
			a.own[name] = "true"
		case isOwn && !needs:
			on, err := strconv.ParseBool(value)
			if err != nil {
				return a, fmt.Errorf("-%s=%s: true or false", name, value)
			}
			if on {
				a.own[name] = "true"
			}
		case isOwn:
			a.own[name] = value
		case slices.Contains([]string{"overlay", "modfile", "mod", "C"}, name):
			return a, fmt.Errorf("-%s cannot be given: lfgo sets what it stands for", name)
		default:
			a.flags = append(a.flags, given)
		}
	}
	if len(a.packages) == 0 {
		if oneProgram {
			return a, errors.New("which program? Name its package, ./cmd/server for example")
		}
		a.packages = []string{"."}
	}
	return a, nil
}

// buildFlags returns those of the flags that decide which files there are.
func (a *arguments) buildFlags() (flags []string) {
	for _, f := range a.flags {
		name, _, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if slices.Contains(choosesFiles, name) {
			flags = append(flags, f)
		}
	}
	return flags
}

// take removes a flag of the go command and returns its value.
func (a *arguments) take(name string) (value string) {
	a.flags = slices.DeleteFunc(a.flags, func(f string) bool {
		n, v, _ := strings.Cut(strings.TrimLeft(f, "-"), "=")
		if n == name {
			value = v
		}
		return n == name
	})
	return value
}

// deps returns the pattern of -deps, a package pattern as the go command has
// them, or nil.
func (a *arguments) deps() (*regexp.Regexp, error) {
	text := a.own["deps"]
	if text == "" {
		return nil, nil
	}
	var alternatives []string
	for one := range strings.SplitSeq(text, ",") {
		if one == "" || strings.ContainsAny(one, " \\^$") {
			return nil, fmt.Errorf("-deps=%s: module paths with commas between them, where ... stands for anything", text)
		}
		quoted := strings.ReplaceAll(regexp.QuoteMeta(one), `\.\.\.`, `.*`)
		if strings.HasSuffix(quoted, `/.*`) {
			quoted = strings.TrimSuffix(quoted, `/.*`) + `(/.*)?`
		}
		alternatives = append(alternatives, quoted)
	}
	return regexp.Compile("^(" + strings.Join(alternatives, "|") + ")$")
}
