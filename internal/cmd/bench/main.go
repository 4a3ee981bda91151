// Command bench measures what a check costs, side by side with a provider that
// does nothing (internal/cmd/floor) and with Terraform alone. Runs are interleaved,
// numbers are medians, and what counts is their ratio: another machine has other
// milliseconds. A missed target is printed and fails nothing.
//
// TERRAFORM names the Terraform or OpenTofu to run, else the one in PATH is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/cmd/internal/stage"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// The providers that are compared, by the name of their type.
const (
	ours  = "pagerdutyauth"
	floor = "floor"
)

func main() {
	if wrapped := os.Getenv(wrapVariable); wrapped != "" {
		os.Exit(wrap())
	}
	runs := flag.Int("runs", 15, "how often each thing is measured; the median counts")
	quick := flag.Bool("quick", false, "3 runs and at most 100 instances, to see that it works")
	flag.Parse()
	if *quick {
		*runs = 3
	}
	if err := run(context.Background(), *runs, *quick); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// bench is where things are measured.
type bench struct {
	dir       string
	terraform string
	runs      int
}

func run(ctx context.Context, runs int, quick bool) error {
	dir, err := os.MkdirTemp("", "pagerdutyauth-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{dir: dir, terraform: os.Getenv("TERRAFORM"), runs: runs}
	if b.terraform == "" {
		b.terraform = "terraform"
	}
	version, err := exec.CommandContext(ctx, b.terraform, "version").Output()
	if err != nil {
		return fmt.Errorf("running Terraform: %w", err)
	}
	first, _, _ := strings.Cut(string(version), "\n")
	fmt.Printf("%s, %s, %s/%s, %d CPUs. Medians of %d interleaved runs.\n\n", first, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runs)

	for name, from := range map[string]string{ours: ".", floor: "./internal/cmd/floor"} {
		// As .goreleaser.yml builds it.
		cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.built(name), from)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building %s: %w\n%s", name, err, output)
		}
		if err := b.renew(name); err != nil {
			return err
		}
	}
	sizes := [2]int64{}
	for i, name := range []string{ours, floor} {
		info, err := os.Stat(b.built(name))
		if err != nil {
			return err
		}
		sizes[i] = info.Size()
	}
	row("stripped binary", megabytes(sizes[0]), megabytes(sizes[1]), float64(sizes[0])/float64(sizes[1]), 1.1)

	for _, part := range []func(context.Context) error{b.start, b.plans, b.latency, b.requests} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	instances := []int{1, 10, 100, 1000}
	if quick {
		instances = instances[:3]
	}
	return b.instances(ctx, instances)
}

// binary is the path of a provider, below a directory of its own so that it can be
// a development override.
func (b *bench) binary(name string) string {
	return filepath.Join(b.dir, name, "terraform-provider-"+name+stage.ExeSuffix)
}

// built is where the compiler put a provider.
func (b *bench) built(name string) string { return filepath.Join(b.dir, name+".built") }

// renew copies a provider anew. Where in memory a file comes to lie decides how
// fast some of its code runs: byte-identical copies of one provider were seen to
// start in 10 ms and in 15 ms, each for as long as it existed. With a copy for
// each run, the median is not one throw of these dice.
func (b *bench) renew(names ...string) error {
	for _, name := range names {
		if err := replaceFile(b.built(name), b.binary(name)); err != nil {
			return err
		}
	}
	return nil
}

// row prints a comparison with the floor and its target, at most so much.
func row(what, mine, floors string, ratio, target float64) {
	fmt.Printf("%-44s %10s  floor %10s  %.3fx  target %.2fx  %s\n", what, mine, floors, ratio, target, verdict(ratio <= target))
}

func verdict(met bool) string {
	if met {
		return "met"
	}
	return "MISSED"
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func median[T interface{ ~int64 }](values []T) T {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// interleaved measures several things in turn, after one round that does not
// count, each round with new copies of the providers, and gives the median of
// each.
func (b *bench) interleaved(things ...func() (time.Duration, error)) ([]time.Duration, error) {
	all := make([][]time.Duration, len(things))
	for round := range b.runs + 1 {
		if err := b.renew(ours, floor); err != nil {
			return nil, err
		}
		for turn := range things {
			// Who goes first changes: after the copying the machine is still busy.
			i := (turn + round) % len(things)
			took, err := things[i]()
			if err != nil {
				return nil, err
			}
			if round > 0 {
				all[i] = append(all[i], took)
			}
		}
	}
	medians := make([]time.Duration, len(things))
	for i := range all {
		medians[i] = median(all[i])
	}
	return medians, nil
}

// emulator is PagerDuty's account "acme" with a user's key and the account's.
func emulator(options ...pdfake.Option) (*pdfake.Server, error) {
	return pdfake.New(append([]pdfake.Option{
		pdfake.WithAccount(pdfake.Account{Subdomain: "acme"}),
		pdfake.WithUser(pdfake.User{Account: "acme", ID: "PADA001", Name: "Ada Lovelace", Email: "ada@acme.example", Role: "admin", TimeZone: "UTC"}),
		pdfake.WithKey(pdfake.Key{Token: userKey, Kind: pdfake.UserKey, Account: "acme", User: "PADA001"}),
		pdfake.WithKey(pdfake.Key{Token: accountKey, Kind: pdfake.AccountKey, Account: "acme"}),
	}, options...)...)
}

// Made up, in the documented shape.
const (
	userKey    = "u+BenchUserKey000001"
	accountKey = "e+BenchAccountKey002"
)
