package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/lfpool/lfpool/leak/internal/dump"
)

// defaultPath is where net/http/pprof has the profile, in the form that tells
// most.
const defaultPath = "/debug/pprof/goroutine?debug=2"

// timeout is for one URL: ample for the 64 MiB that debug=2 can be, and an end
// if a server never answers.
const timeout = time.Minute

// read reads the profile that source names.
func read(source string, stdin io.Reader) (*dump.Profile, error) {
	var from io.ReadCloser
	var err error
	fetched := strings.Contains(source, "://")
	switch {
	case source == "-":
		source, from = "standard input", io.NopCloser(stdin)
	case fetched:
		source, from, err = fetch(source)
	default:
		if from, err = os.Open(source); errors.Is(err, fs.ErrNotExist) {
			err = fmt.Errorf("%w%s", err, hint(source))
		}
	}
	if err != nil {
		return nil, err
	}
	defer from.Close()
	p, err := dump.Parse(from)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	p.Name = source
	p.Whole = p.Whole || fetched // HTTP tells if an answer ends too early
	return p, nil
}

// hint says what may have been meant by a file that there is not: a program's
// address, without http://.
func hint(source string) string {
	u, err := url.Parse("http://" + source)
	if err != nil || local(u) != nil {
		return ""
	}
	complete(u)
	return "; for the program there give " + u.String()
}

// complete puts in the path if u has none.
func complete(u *url.URL) {
	if u.Path == "" || u.Path == "/" {
		u.Path, u.RawQuery, _ = strings.Cut(defaultPath, "?")
	}
}

// local is the error for a URL that is not on this machine. Other machines are
// refused so that nobody makes lfleak, run for them by a service, reach into
// its network.
func local(u *url.URL) error {
	if u.Scheme != "http" {
		return fmt.Errorf("%s: only http URLs are read; save the profile to a file and give that", u)
	}
	switch u.Hostname() {
	case "localhost", "127.0.0.1", "::1":
		return nil
	}
	return fmt.Errorf("%s: only localhost, 127.0.0.1 and [::1] are read; save the profile (curl -o profile.txt '%s') and give the file", u, u)
}

// fetch opens a URL, and returns it with the path that was left out.
func fetch(source string) (string, io.ReadCloser, error) {
	u, err := url.Parse(source)
	if err != nil {
		return source, nil, err
	}
	complete(u)
	if err := local(u); err != nil {
		return source, nil, err
	}
	client := http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{DisableKeepAlives: true}, // and no proxy
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // it may lead elsewhere
		},
	}
	answer, err := client.Get(u.String())
	if err != nil {
		return source, nil, err
	}
	if answer.StatusCode != http.StatusOK {
		answer.Body.Close()
		return source, nil, fmt.Errorf("%s: the server answers %s; does it import net/http/pprof?", u, answer.Status)
	}
	return u.String(), answer.Body, nil
}
