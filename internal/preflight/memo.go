package preflight

import (
	"context"
	"errors"
	"sync"
)

// memo runs a function once per key and gives everyone its result, those who
// ask while it runs too. A run that its own caller cancelled counts for nobody
// else.
type memo[K comparable, V any] struct {
	mu      sync.Mutex
	entries map[K]*memoEntry[V]
}

type memoEntry[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// do returns f's result for key. The error is f's, or ctx's own where ctx ended
// while somebody else's run was awaited.
func (m *memo[K, V]) do(ctx context.Context, key K, f func(context.Context) (V, error)) (V, error) {
	for {
		m.mu.Lock()
		e, running := m.entries[key]
		if !running {
			if m.entries == nil {
				m.entries = map[K]*memoEntry[V]{}
			}
			e = &memoEntry[V]{done: make(chan struct{}), err: context.Canceled}
			m.entries[key] = e
			m.mu.Unlock()
			return m.run(ctx, key, e, f)
		}
		m.mu.Unlock()
		select {
		case <-e.done:
			if !errors.Is(e.err, context.Canceled) {
				return e.value, e.err
			}
			if ctx.Err() != nil {
				return e.value, ctx.Err()
			}
		case <-ctx.Done():
			var zero V
			return zero, ctx.Err()
		}
	}
}

func (m *memo[K, V]) run(ctx context.Context, key K, e *memoEntry[V], f func(context.Context) (V, error)) (V, error) {
	// Deferred, so that a panic in f does not leave the others waiting.
	defer func() {
		if errors.Is(e.err, context.Canceled) {
			m.mu.Lock()
			delete(m.entries, key)
			m.mu.Unlock()
		}
		close(e.done)
	}()
	e.value, e.err = f(ctx)
	return e.value, e.err
}

// forget drops the finished result for key if stale says so of it; the next do
// runs again. Another result than the one that was seen stays.
func (m *memo[K, V]) forget(key K, stale func(V) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, found := m.entries[key]
	if !found {
		return
	}
	select {
	case <-e.done:
		if stale(e.value) {
			delete(m.entries, key)
		}
	default:
	}
}
