package pagerduty

import (
	"context"
	"time"
)

// WithoutWaiting makes a client's retries follow each other at once.
func WithoutWaiting(c *Client) *Client {
	c.sleep = func(ctx context.Context, _ time.Duration) bool { return ctx.Err() == nil }
	return c
}

// WithPatience makes a client's requests wait for the first connection however long it
// takes: a busy machine can need more than a second for one.
func WithPatience(c *Client) *Client {
	c.turnWait = time.Hour
	return c
}
