// Command terraform-provider-pagerdutyauth is a Terraform provider that checks
// PagerDuty credentials. Terraform starts it; run by hand it only says so.
package main

import (
	"context"
	"flag"
	"log"
	"runtime"
	gc "runtime/debug"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger such as delve can be attached")
	flag.Parse()
	if !*debug {
		provider.QuietLogs()
	}
	collectLater()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/pagerdutyauth/pagerdutyauth",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// collectLater moves the first garbage collection from a heap of 4 MB, which a check
// just passes, to one of 8 MB. That collection costs 2 ms and half a megabyte, and the
// process usually ends after it. Later ones come as always: for hundreds of instances
// a lazier collector would take 30% more memory. A GOGC that is set stays.
func collectLater() {
	const usual = 100
	if set := gc.SetGCPercent(2 * usual); set != usual {
		gc.SetGCPercent(set)
		return
	}
	// What nothing points to any more is cleaned up after the first collection.
	runtime.AddCleanup(new([64]byte), func(int) { gc.SetGCPercent(usual) }, 0)
}
