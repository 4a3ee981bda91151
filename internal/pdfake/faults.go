package pdfake

import (
	"cmp"
	"fmt"
	"sync"
)

// Fault replaces the normal response to the requests that match. The first fault that is due acts,
// and later ones do not count that request: faults with Times follow each other.
type Fault struct {
	// Path is the path without the prefix, such as "/users/me"; "" matches any.
	Path string
	// Token is the token, or at the identity host the client ID; "" matches any.
	Token string
	// Listener is "us", "eu" or "identity"; "" matches any.
	Listener string
	// Times is the number of requests that it acts on; 0 means all.
	Times    int
	Behavior Behavior
}

type faultState struct {
	Fault
	hit int
}

// faultSet holds the active faults, and all faults so far to report the unused ones.
type faultSet struct {
	mu      sync.Mutex
	current []*faultState
	all     []*faultState
}

// SetFaults replaces the faults.
func (fs *faultSet) SetFaults(faults ...Fault) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	fs.current = nil
	for _, f := range faults {
		fs.current = append(fs.current, &faultState{Fault: f})
	}
	fs.all = append(fs.all, fs.current...)
}

func (fs *faultSet) match(listener, path, token string) (Behavior, bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.current {
		if (f.Path == "" || f.Path == path) && (f.Token == "" || f.Token == token) &&
			(f.Listener == "" || f.Listener == listener) && (f.Times == 0 || f.hit < f.Times) {
			f.hit++
			return f.Behavior, true
		}
	}
	return Behavior{}, false
}

// unused names the faults that no request met, without their tokens.
func (fs *faultSet) unused() []string {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	var out []string
	for _, f := range fs.all {
		if f.hit == 0 {
			out = append(out, fmt.Sprintf("%s on %s", f.Behavior, cmp.Or(f.Path, "any path")))
		}
	}
	return out
}
