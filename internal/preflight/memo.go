package preflight

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// reuse is how long an answer is reused. It makes many checks in one plan cost the
// requests of one, and is short enough that a revoked token shows.
const reuse = 30 * time.Second

// memo shares the answers to equal questions. A check that has the same question as a
// running one waits for its answer. An answer is not shared if the check that asked was
// canceled or ran out of time.
type memo struct {
	mu      sync.Mutex
	answers map[question]*answer
}

type answer struct {
	done    chan struct{} // closed when the other fields are set
	facts   Facts
	failure *pagerduty.Error
	shared  bool
	until   time.Time // when the answer expires
}

// do returns f's answer, or a shared one. If ctx ends while waiting for another check's
// answer, the failure says so and has no attempts.
func (m *memo) do(
	ctx context.Context, q question, s Settings, f func() (Facts, *pagerduty.Error),
) (Facts, *pagerduty.Error) {
	started := time.Now()
	for {
		a, mine := m.find(q)
		if mine {
			a.run(ctx, f)
			return a.facts, a.failure
		}
		select {
		case <-a.done:
			if a.shared {
				return a.facts, a.failure
			}
		case <-ctx.Done():
			return Facts{TokenType: q.tokenType()}, waited(ctx, q, s, time.Since(started))
		}
	}
}

// find returns the answer to wait for or to reuse, or a new one that the caller runs.
func (m *memo) find(q question) (a *answer, mine bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a := m.answers[q]; a != nil {
		select {
		case <-a.done:
			if a.shared && time.Now().Before(a.until) {
				return a, false
			}
		default:
			return a, false
		}
	}
	if m.answers == nil {
		m.answers = map[question]*answer{}
	}
	m.answers[q] = &answer{done: make(chan struct{})}
	return m.answers[q], true
}

func (a *answer) run(ctx context.Context, f func() (Facts, *pagerduty.Error)) {
	defer close(a.done) // deferred, so that a panic in f leaves no one waiting
	a.facts, a.failure = f()
	// A success is not shared either: its gaps can be due to ctx.
	a.shared = ctx.Err() == nil
	a.until = time.Now().Add(reuse)
	if expires := a.facts.ExpiresAt; !expires.IsZero() && expires.Before(a.until) {
		a.until = expires
	}
}

// waited returns the failure of a check that ended while it waited for another one.
func waited(ctx context.Context, q question, s Settings, elapsed time.Duration) *pagerduty.Error {
	e := &pagerduty.Error{
		Kind: pagerduty.KindTimeout, Method: "GET", Path: "/users/me", Host: s.Host, Phase: pagerduty.PhaseWait,
		Sender: pagerduty.SenderUnknown, Elapsed: elapsed,
	}
	if q.app.ClientID != "" {
		e.Method, e.Path, e.Host, e.Mint = "POST", "/oauth/token", s.IdentityHost, true
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		e.Kind = pagerduty.KindCanceled
	}
	return e
}
