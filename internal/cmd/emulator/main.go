// Command emulator starts the emulator of PagerDuty's API on loopback, prints what is needed to
// check a token against it, and then a line per request. Ctrl-C ends it and removes what it wrote.
//
// With -fault NAME it misbehaves, so that an engineer sees a message before the day it matters;
// -fault list lists the faults.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		os.Exit(2)
	case err != nil:
		fmt.Fprintln(os.Stderr, "emulator: "+err.Error())
		os.Exit(1)
	}
}

// run parses the flags and runs the emulator until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	name := flags.String("fault", "", "answer with this `fault`; \"list\" lists them")
	path := flags.String("path", "", "only for requests to this `path`, such as /users/me")
	times := flags.Int("times", 0, "only for so many requests; 0 is all")
	if err := flags.Parse(args); err != nil {
		return flag.ErrHelp
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
	<-ctx.Done()
	return e.close()
}
