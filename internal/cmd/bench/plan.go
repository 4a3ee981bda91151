package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// plans compares a plan with one data source, on loopback.
func (b *bench) plans(ctx context.Context) error {
	s, err := emulator()
	if err != nil {
		return err
	}
	defer s.Close()
	check, nothing, err := b.sides(s)
	if err != nil {
		return err
	}
	alone, err := b.workspace("alone", "output \"x\" {\n  value = 1\n}\n")
	if err != nil {
		return err
	}
	plan := func(w *workspace) func() (time.Duration, error) {
		return func() (time.Duration, error) { return w.plan(ctx) }
	}
	medians, err := b.interleaved(plan(check), plan(nothing), plan(alone))
	if err != nil {
		return err
	}
	row("plan, one data source, loopback", milliseconds(medians[0]), milliseconds(medians[1]), float64(medians[0])/float64(medians[1]), 1.05)
	fmt.Printf("%-44s %10s  the floor is %.2fx of it\n", "plan, Terraform alone", milliseconds(medians[2]), float64(medians[1])/float64(medians[2]))
	return b.memory(ctx, check, nothing)
}

// sides are a plan with one check, which asks s, and one with the floor's data source.
func (b *bench) sides(s *pdfake.Server) (check, nothing *workspace, err error) {
	if check, err = b.workspace("check", block(s, userKey)+data); err != nil {
		return nil, nil, err
	}
	nothing, err = b.workspace("nothing", required(floor)+floorData)
	return check, nothing, err
}

// latency compares where every answer takes 50 ms longer. The emulator delays
// requests, not packets: what a handshake costs is measured beside it.
func (b *bench) latency(ctx context.Context) error {
	const delay = 50 * time.Millisecond
	s, err := emulator(pdfake.WithLatency(delay))
	if err != nil {
		return err
	}
	defer s.Close()
	check, nothing, err := b.sides(s)
	if err != nil {
		return err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(s.CAPEM()))
	address := strings.TrimPrefix(s.URL(), "https://")
	medians, err := b.interleaved(
		func() (time.Duration, error) { return check.plan(ctx) },
		func() (time.Duration, error) { return nothing.plan(ctx) },
		func() (time.Duration, error) {
			start := time.Now()
			dialer := tls.Dialer{Config: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
			conn, err := dialer.DialContext(ctx, "tcp", address)
			if err != nil {
				return 0, err
			}
			took := time.Since(start)
			return took, conn.Close()
		},
	)
	if err != nil {
		return err
	}
	more, handshake := medians[0]-medians[1], medians[2]
	trips := float64(more-handshake) / float64(delay)
	fmt.Printf("%-44s %10s  over the floor, less a handshake of %s: %.2f round trips  target 1.30  %s\n",
		"plan, every answer 50 ms later", milliseconds(more), milliseconds(handshake), trips, verdict(trips <= 1.3))
	return nil
}

// requests counts what a plan sends, with 1 and with 20 data sources.
func (b *bench) requests(ctx context.Context) error {
	for _, key := range []struct {
		name, token string
		want        int
	}{{"user key", userKey, 1}, {"account key", accountKey, 2}} {
		var counted []int
		for _, sources := range []int{1, 20} {
			s, err := emulator()
			if err != nil {
				return err
			}
			w, err := b.workspace("requests", block(s, key.token)+fmt.Sprintf("data \"pagerdutyauth_credential\" \"this\" {\n  count = %d\n}\n", sources))
			if err == nil {
				_, err = w.plan(ctx)
			}
			counted = append(counted, len(s.Requests()))
			s.Close()
			if err != nil {
				return err
			}
		}
		met := !slices.ContainsFunc(counted, func(n int) bool { return n != key.want })
		fmt.Printf("%-44s %v for 1 and 20 data sources  target %d  %s\n", "requests of a plan, "+key.name, counted, key.want, verdict(met))
	}
	return nil
}

var errNoMeasure = errors.New("nothing was measured")
