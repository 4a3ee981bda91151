package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// instances measures many ephemeral instances with a token each, with one token,
// and a plain Go program that asks the same with 10 workers, as many as Terraform
// has.
func (b *bench) instances(ctx context.Context, counts []int) error {
	most := counts[len(counts)-1]
	options := make([]pdfake.Option, 0, most)
	for i := range most {
		options = append(options, pdfake.WithKey(pdfake.Key{Token: instanceKey(i), Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}))
	}
	s, err := emulator(options...)
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Printf("\n%-28s %10s %10s %22s %10s %16s\n", "ephemeral instances", "plan", "per inst.", "requests per instance", "one token", "Go, 10 workers")
	perInstance := map[int]time.Duration{}
	for _, n := range counts {
		many := *b
		if n > 100 {
			many.runs = min(b.runs, 3)
		}
		each, err := b.workspace("each", block(s, "")+fmt.Sprintf("ephemeral \"pagerdutyauth_credential\" \"this\" {\n  count = %d\n  token = format(\"u+Bench%%013d\", count.index)\n}\n", n))
		if err != nil {
			return err
		}
		one, err := b.workspace("one", block(s, userKey)+fmt.Sprintf("ephemeral \"pagerdutyauth_credential\" \"this\" {\n  count = %d\n}\n", n))
		if err != nil {
			return err
		}
		none, err := b.workspace("none", block(s, "")+"ephemeral \"pagerdutyauth_credential\" \"this\" {\n  count = 0\n}\n")
		if err != nil {
			return err
		}
		requests := 0
		medians, err := many.interleaved(
			func() (time.Duration, error) {
				s.ResetRequests()
				took, err := each.plan(ctx)
				requests = len(s.Requests())
				return took, err
			},
			func() (time.Duration, error) { return one.plan(ctx) },
			func() (time.Duration, error) { return none.plan(ctx) },
			func() (time.Duration, error) { return plain(ctx, s, n) },
		)
		if err != nil {
			return err
		}
		perInstance[n] = (medians[0] - medians[2]) / time.Duration(n)
		fmt.Printf("%-28d %10s %10s %22.2f %10s %16s\n", n, milliseconds(medians[0]), milliseconds(perInstance[n]), float64(requests)/float64(n), milliseconds(medians[1]), milliseconds(medians[3]))
	}
	growth := float64(perInstance[most]) / float64(perInstance[10])
	fmt.Printf("%-44s %.2fx of that of 10  target 1.00 (flat), at most 1.10 counts as that  %s\n", fmt.Sprintf("cost of one of %d instances", most), growth, verdict(growth <= 1.1))
	return nil
}

func instanceKey(i int) string { return fmt.Sprintf("u+Bench%013d", i) }

// plain is what a program that only asks would need, from its first connection.
func plain(ctx context.Context, s *pdfake.Server, n int) (time.Duration, error) {
	start := time.Now()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(s.CAPEM()))
	transport := &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	work, failed := make(chan int), make(chan error, n)
	var workers sync.WaitGroup
	for range 10 {
		workers.Go(func() {
			for i := range work {
				if err := ask(ctx, transport, s.URL()+"/users/me", instanceKey(i)); err != nil {
					failed <- err
				}
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	workers.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
		return time.Since(start), nil
	}
}

func ask(ctx context.Context, transport *http.Transport, url, key string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Token token="+key)
	req.Header.Set("Accept", "application/vnd.pagerduty+json;version=2")
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the emulator answered %d", resp.StatusCode)
	}
	return nil
}
