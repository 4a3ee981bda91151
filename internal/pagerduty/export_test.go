package pagerduty

import (
	"context"
	"time"
)

// Internals that tests of the package use from outside.
type Redactor = redactor

var (
	Schemes       = schemes
	RequestedWait = requestedWait
	ErrnoKinds    = errnoKinds
	NewRedactor   = newRedactor
)

func (r redactor) Text(s string) string           { return r.text(s, len(s)) }
func (r redactor) InResults(s ...string) bool     { return r.inResults(s...) }
func (r redactor) Scopes(names []string) []string { return r.scopes(names, 0) }

// WithSleep replaces the waits between the attempts of a client.
func WithSleep(c *Client, sleep func(time.Duration)) *Client {
	c.sleep = func(ctx context.Context, d time.Duration) bool {
		sleep(d)
		return ctx.Err() == nil
	}
	return c
}

// PhaseAfter returns the phase of an attempt after these phases began.
func PhaseAfter(phases ...Phase) Phase {
	p := &progress{}
	for _, phase := range phases {
		p.enter(phase)
	}
	return p.phase
}
