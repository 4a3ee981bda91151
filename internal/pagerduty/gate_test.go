package pagerduty

import (
	"context"
	"net/url"
	"testing"
	"testing/synctest"
	"time"
)

// A 429 whose wait does not fit is given again for 30 seconds at most: then whoever has
// time left asks.
func TestGate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := NewClient(Config{BaseURL: &url.URL{Scheme: "https", Host: "api.example"}})
		r := &call{auth: APIToken(NewSecret("u+SomeApiToken000001"))}
		c.closeGate(r, &answer{status: 429, wait: time.Hour, waitKnown: true})
		for _, step := range []struct {
			pause time.Duration
			held  bool
		}{{0, true}, {29 * time.Second, true}, {2 * time.Second, false}, {30 * time.Minute, false}} {
			time.Sleep(step.pause)
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
			held, failure := c.passGate(ctx, r)
			cancel()
			if (held != nil && c.statusError(r, held).Held) != step.held || failure != nil {
				t.Errorf("after another %s: held %t, %v", step.pause, held != nil, failure)
			}
		}
	})
}

// What becomes of the call that was answered 429 changes nothing for the others, which read
// the answer at the same time.
func TestGate_copies(t *testing.T) {
	t.Parallel()
	c := NewClient(Config{BaseURL: &url.URL{Scheme: "https", Host: "api.example"}})
	r := &call{auth: APIToken(NewSecret("u+SomeApiToken000001"))}
	a := &answer{status: 429, wait: time.Hour, waitKnown: true}
	c.closeGate(r, a)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	outOfTime(a, nil)
	if held, _ := c.passGate(ctx, r); held == nil || held.outOfTime {
		t.Errorf("held %+v", held)
	}
}
