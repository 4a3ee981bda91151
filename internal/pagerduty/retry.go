package pagerduty

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	backoffBase = 250 * time.Millisecond
	backoffMax  = 2 * time.Second
)

// gate is a 429 that a credential was answered with: until it has passed, no other
// request with that credential is worth sending.
type gate struct {
	since, until time.Time
	answer       *answer
}

// gateReuse is how long the answer itself is given instead of asking again, where the
// wait does not fit: as long as any verdict is reused. A wait of an hour may be over
// sooner, and only the server knows.
const gateReuse = 30 * time.Second

// retryWait decides whether a failed attempt is worth another and how long to wait
// before it. A wait that PagerDuty asked for is honored whole or not at all.
func (c *Client) retryWait(a *answer, failure *Error, attempts int) (time.Duration, bool) {
	if attempts > c.cfg.MaxRetries {
		return 0, false
	}
	if failure != nil && !Retried(failure.Kind, failure.Status) || a != nil && !Retried(KindStatus, a.status) {
		return 0, false
	}
	wait := min(backoffBase<<(attempts-1), backoffMax)
	wait = wait/2 + rand.N(wait/2)
	if a != nil && a.waitKnown {
		wait = max(a.wait, wait)
	}
	return wait, true
}

// passGate holds a call back while its credential is rate limited. It returns the
// remembered 429 when the wait does not fit ctx.
func (c *Client) passGate(ctx context.Context, r *call) (*answer, *Error) {
	c.gatesMu.Lock()
	g, shut := c.gates[r.credential()]
	c.gatesMu.Unlock()
	wait := time.Until(g.until)
	if !shut || wait <= 0 {
		return nil, nil
	}
	held := *g.answer
	held.wait, held.held = wait, true
	if !fits(ctx, wait) {
		if time.Since(g.since) > gateReuse {
			return nil, nil
		}
		return &held, nil
	}
	if !c.sleep(ctx, wait) {
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return &held, nil
		}
		return nil, c.failed(r, &Error{Kind: KindCanceled})
	}
	return nil, nil
}

// closeGate remembers a 429 and how long it asks to wait.
func (c *Client) closeGate(r *call, a *answer) {
	c.gatesMu.Lock()
	defer c.gatesMu.Unlock()
	now, held := time.Now(), *a // which its own call still changes
	c.gates[r.credential()] = gate{since: now, until: now.Add(a.wait), answer: &held}
}

// fits reports whether a wait ends early enough in ctx for a request to follow.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) > wait
}

// sleep waits, and reports whether the whole time passed before ctx ended.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
