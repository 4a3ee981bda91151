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
	var chosen fault
	for _, f := range faults {
		if f.name == name {
			chosen = f
		}
		if name == "list" {
			_, _ = fmt.Fprintf(out, "%-24s %s\n", f.name, f.description)
		}
	}
	if name == "list" {
		return nil
	}
	if name != chosen.name {
		return fmt.Errorf("unknown fault %q: -fault list lists the names", name)
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
