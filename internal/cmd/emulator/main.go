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

// run parses the flags and runs the emulator until the context ends.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("emulator", flag.ContinueOnError)
	flags.SetOutput(stderr)
	var name string
	flags.Func("fault", "answer with the fault of this `name`; \"list\" lists them", func(value string) error {
		if name != "" {
			return errors.New("one fault at a time")
		}
		name = value
		return nil
	})
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
	if name == "list" {
		return listFaults(stdout)
	}
	where := pdfake.Fault{Path: *path, Times: *times}
	fault, err := findFault(name, where)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	e, err := start(untilGone{stdout, stop}, fault, where)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return e.close()
}

// untilGone stops the emulator once nobody reads its output.
type untilGone struct {
	io.Writer
	stop func()
}

func (u untilGone) Write(b []byte) (int, error) {
	n, err := u.Writer.Write(b)
	if err != nil {
		u.stop()
	}
	return n, err
}
