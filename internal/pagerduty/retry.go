package pagerduty

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	backoffBase = 250 * time.Millisecond
	backoffMax  = 2 * time.Second
)

// retryWait reports whether a failed attempt is worth another one, and how long to wait
// before it. A wait that the response asks for is kept in full.
func (c *Client) retryWait(res *response, failure *Error, attempts int) (time.Duration, bool) {
	if attempts > c.cfg.MaxRetries {
		return 0, false
	}
	if failure != nil && !Retried(failure.Kind, failure.Status) || res != nil && !Retried(KindStatus, res.status) {
		return 0, false
	}
	wait := min(backoffBase<<(attempts-1), backoffMax)
	wait = wait/2 + rand.N(wait/2)
	if res != nil && res.waitKnown {
		wait = max(res.wait, wait)
	}
	return wait, true
}

// fits reports whether a wait ends before ctx's deadline.
func fits(ctx context.Context, wait time.Duration) bool {
	deadline, limited := ctx.Deadline()
	return !limited || time.Until(deadline) > wait
}

// sleep waits, and reports whether the time passed before ctx ended.
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
