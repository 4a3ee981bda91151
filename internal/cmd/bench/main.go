// Command bench measures what a check costs, side by side with a provider that
// does nothing (internal/cmd/floor). The user's usual case counts: the system's
// certificates and a network with round trips of 50 ms. Runs are interleaved,
// numbers are medians, and targets are ratios: another machine has other
// milliseconds. A missed target is printed and fails nothing.
//
// TERRAFORM names the Terraform or OpenTofu to run, else the one in PATH is.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// The providers that are compared, by the name of their type.
const (
	ours  = "pagerdutyauth"
	floor = "floor"
)

func main() {
	runs := flag.Int("runs", 15, "how often each plan is measured; the median counts")
	flag.Parse()
	if err := run(tfrun.UntilSignal(), *runs); err != nil {
		fmt.Fprintln(os.Stderr, "bench: "+err.Error())
		os.Exit(1)
	}
}

// bench is where plans are measured.
type bench struct {
	dir    string
	runs   int
	bundle string // the system's certificates and the emulator's CA, "" without
}

func run(ctx context.Context, runs int) error {
	terraform, err := tfrun.Find()
	if err != nil {
		return err
	}
	fmt.Printf("%s, %s, %s/%s, %d CPUs. Medians of %d interleaved runs.\n\n",
		terraform.Line, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runs)
	dir, err := os.MkdirTemp("", "pagerdutyauth-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	b := &bench{dir: dir, runs: runs}
	sizes := map[string]int64{}
	for name, pkg := range map[string]string{ours: ".", floor: "./internal/cmd/floor"} {
		if err := tfrun.Build(ctx, pkg, b.built(name)); err != nil {
			return err
		}
		info, err := os.Stat(b.built(name))
		if err != nil {
			return err
		}
		sizes[name] = info.Size()
	}
	ratio := float64(sizes[ours]) / float64(sizes[floor])
	report("stripped binary", ratio, "x the floor's", 1.1,
		fmt.Sprintf("%.1f MB", float64(sizes[ours])/1e6))
	if err := b.plans(ctx); err != nil {
		return err
	}
	return b.instances(ctx, 10, 100, 1000)
}

// report prints a line with a number, its target and what else was measured.
func report(what string, number float64, unit string, target float64, more string) {
	verdict := "met"
	if number > target {
		verdict = "MISSED"
	}
	fmt.Printf("%-48s %6.2f%-16s at most %.2f  %-6s  %s\n", what, number, unit, target, verdict, more)
}

// binary is the path of a provider, in a directory of its own so that it can be a
// development override.
func (b *bench) binary(name string) string {
	return filepath.Join(b.dir, name, tfrun.Executable("terraform-provider-"+name))
}

// built is where the compiler put a provider.
func (b *bench) built(name string) string { return filepath.Join(b.dir, name+".built") }

// renew copies the providers anew. Where in memory a file comes to lie decides how
// fast it starts: byte-identical copies were seen to start in 10 ms and in 15 ms,
// each for as long as it existed. With new copies for each round, the median is
// not one throw of these dice.
func (b *bench) renew() error {
	for _, name := range []string{ours, floor} {
		if err := tfrun.CopyFile(b.built(name), b.binary(name)); err != nil {
			return err
		}
	}
	return nil
}

// medians measures a plan in each workspace, in turn, after a round that does not
// count, and gives the median of each.
func (b *bench) medians(ctx context.Context, runs int, workspaces ...*tfrun.Workspace) ([]time.Duration, error) {
	all := make([][]time.Duration, len(workspaces))
	for round := range runs + 1 {
		if err := b.renew(); err != nil {
			return nil, err
		}
		for turn := range workspaces {
			// Who goes first changes: after the copying the machine is still busy.
			i := (turn + round) % len(workspaces)
			o, err := workspaces[i].Run(ctx, "plan", "-input=false", "-lock=false", "-no-color")
			if err != nil {
				return nil, err
			}
			if o.Failed {
				return nil, fmt.Errorf("a plan failed:\n%s", o.Output)
			}
			if round > 0 {
				all[i] = append(all[i], o.Took)
			}
		}
	}
	medians := make([]time.Duration, len(all))
	for i, took := range all {
		slices.Sort(took)
		medians[i] = took[len(took)/2]
	}
	return medians, nil
}
