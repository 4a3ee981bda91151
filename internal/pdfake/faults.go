package pdfake

import (
	"cmp"
	"fmt"
	"sync"
)

// Fault is a behaviour in place of the right answer, for the requests that match. Of several
// faults the first that is due acts, and the later ones do not count that request: so faults
// with Times follow each other.
type Fault struct {
	// Path is the path without the prefix, such as "/users/me"; "" is any.
	Path string
	// Token is the token, or at the identity host the client's ID; "" is any.
	Token string
	// Listener is "us", "eu" or "identity"; "" is any.
	Listener string
	// Times is for how many requests it acts; 0 is all.
	Times     int
	Behaviour Behaviour
	// Optional does not fail the test where no request met the fault.
	Optional bool
}

type faultState struct {
	Fault
	hit int
}

// faultSet is the faults at work, and all that ever were, to report unused ones.
type faultSet struct {
	mu      sync.Mutex
	current []*faultState
	all     []*faultState
}

// SetFaults replaces the faults. Those of HTTP/1.1's bytes need a server without HTTP/2, which they
// switch off as options only.
func (fs *faultSet) SetFaults(faults ...Fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.current = nil
	for _, f := range faults {
		fs.current = append(fs.current, &faultState{Fault: f})
	}
	fs.all = append(fs.all, fs.current...)
}

func (fs *faultSet) match(listener, path, token string) (Behaviour, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.current {
		if (f.Path == "" || f.Path == path) && (f.Token == "" || f.Token == token) &&
			(f.Listener == "" || f.Listener == listener) && (f.Times == 0 || f.hit < f.Times) {
			f.hit++
			return f.Behaviour, f.Behaviour.serve != nil
		}
	}
	return Behaviour{}, false
}

// unused names faults by what they do, without the token they are for.
func (fs *faultSet) unused() []string {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var out []string
	for _, f := range fs.all {
		if f.hit == 0 && !f.Optional {
			out = append(out, fmt.Sprintf("%s on %s", f.Behaviour, cmp.Or(f.Path, "any path")))
		}
	}
	return out
}
