// Command emulator starts the emulator of PagerDuty's API on loopback. It prints what is needed to
// check a token against it, then a line per request. Ctrl-C stops it and removes what it wrote.
//
// With -fault NAME it answers with that fault, to show the message for it; -fault list lists them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

func main() {
	err := run(tfrun.UntilSignal(), os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "emulator: "+err.Error())
		os.Exit(1)
	}
}

// errUsage means that the flags were wrong, and that package flag has said so.
var errUsage = errors.New("invalid flags")

// run parses the flags and runs the emulator until the context ends, or nobody reads its output any more.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("fault", "", "answer with the fault of this `name`; \"list\" lists them")
	path := flags.String("path", "", "apply -fault only to requests for this `path`, such as /users/me")
	times := flags.Int("times", 0, "apply -fault only to the first `n` requests; 0 means all")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return nil
	case err != nil:
		return errUsage
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if *name == "list" {
		return listFaults(stdout)
	}
	where := pdfake.Fault{Path: *path, Times: *times}
	fault, err := findFault(*name, where)
	if err != nil {
		return err
	}
	e, err := start(stdout, fault, where)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-e.unread:
	}
	return e.close()
}
