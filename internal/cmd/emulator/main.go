// Command emulator starts the emulator of PagerDuty's API on loopback. It prints how to check a token
// against it, then a line per request. Ctrl-C stops it and removes its files.
//
// With -fault NAME it responds with that fault, to show its message; -fault list lists the names.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

func main() {
	name := flag.String("fault", "", "respond with the fault of this `name`; \"list\" lists the names")
	flag.Parse()
	if err := run(tfrun.UntilSignal(), os.Stdout, *name); err != nil {
		fmt.Fprintln(os.Stderr, "emulator: "+err.Error())
		os.Exit(1)
	}
}

// run runs the emulator until the context ends or the output cannot be written.
func run(ctx context.Context, out io.Writer, name string) error {
	if name == "list" {
		for _, f := range faults {
			_, _ = fmt.Fprintf(out, "%-24s %s\n", f.name, f.description)
		}
		return nil
	}
	var chosen fault
	if name != "" {
		i := slices.IndexFunc(faults, func(f fault) bool { return f.name == name })
		if i < 0 {
			return fmt.Errorf("unknown fault %q: -fault list lists the names", name)
		}
		chosen = faults[i]
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	e, err := start(out, stop, chosen)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return e.close()
}
