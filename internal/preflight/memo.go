package preflight

import (
	"context"
	"errors"
	"maps"
	"sync"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// reuse is how long a verdict is reused by checks that begin after it was reached.
// It makes many checks in one plan cost the requests of one, and is short enough
// that a token that was revoked, or a fault that has passed, shows.
const reuse = 30 * time.Second

// memo shares the runs of a function: those that ask for a key while its run is
// under way get that run's result, and so do those that ask while the result is
// fresh. A run that was cut short by its own caller's deadline or cancellation, before
// its last attempt too, says nothing to anybody else: whoever has time left runs again.
type memo[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]*memoEntry[V]
}

type memoEntry[V any] struct {
	done  chan struct{}
	value V
	err   error
	until time.Time // until when the result is fresh; only valid after done
	// again is until when the server asked to wait, where the run was cut short for that.
	again time.Time
}

// do returns f's result for key; a value is reused until the time that freshUntil gives.
// The error is f's, or ctx's own where ctx ended while somebody else's run was
// awaited.
func (m *memo[K, V]) do(
	ctx context.Context, key K, freshUntil func(V) time.Time, f func(context.Context) (V, error),
) (V, error) {
	for {
		e, mine := m.enter(ctx, key)
		if mine {
			return e.run(ctx, freshUntil, f)
		}
		select {
		case <-e.done:
			if e.holds(ctx) {
				return e.value, e.err
			}
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			var zero V
			return zero, ctx.Err()
		}
	}
}

// enter finds the run to wait for, or the result to reuse, or makes the caller the
// one who runs. A run that was cut short has a result that is never fresh, but for those
// whose time would not have been enough either.
func (m *memo[K, V]) enter(ctx context.Context, key K) (e *memoEntry[V], mine bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, found := m.entries[key]; found {
		select {
		case <-e.done:
			if time.Now().Before(e.until) && e.holds(ctx) {
				return e, false
			}
		default:
			return e, false
		}
	}
	if m.entries == nil {
		m.entries = map[K]*memoEntry[V]{}
	}
	e = &memoEntry[V]{done: make(chan struct{}), err: context.Canceled}
	m.entries[key] = e
	return e, true
}

// forget lets the next who asks for a key that is meant run again.
func (m *memo[K, V]) forget(meant func(K) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.entries, func(key K, _ *memoEntry[V]) bool { return meant(key) })
}

func (e *memoEntry[V]) run(
	ctx context.Context, freshUntil func(V) time.Time, f func(context.Context) (V, error),
) (V, error) {
	// Deferred, so that a panic in f does not leave the others waiting.
	defer close(e.done)
	e.value, e.err = f(ctx)
	switch {
	case e.err == nil:
		e.until = freshUntil(e.value)
	case !cutShort(e.err):
		e.until = time.Now().Add(reuse)
	default:
		var failed *pagerduty.Error
		// A 429 is held by the client, which counts its wait down.
		if errors.As(e.err, &failed) && failed.OutOfTime && failed.WaitKnown && failed.Status != 429 {
			e.until, e.again = time.Now().Add(reuse), time.Now().Add(failed.Wait)
		}
	}
	return e.value, e.err
}

// holds reports whether the result of a run that is over is one for ctx too.
func (e *memoEntry[V]) holds(ctx context.Context) bool {
	deadline, limited := ctx.Deadline()
	return !cutShort(e.err) || limited && deadline.Before(e.again)
}

// cutShort reports whether a run ended because its caller's time or patience did.
func cutShort(err error) bool {
	var e *pagerduty.Error
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &e) && (e.OutOfTime || e.Held)
}

// shortly is freshUntil for a result that names no time of its own.
func shortly[V any](V) time.Time { return time.Now().Add(reuse) }
