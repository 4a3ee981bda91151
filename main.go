// Command terraform-provider-pagerdutyauth is a Terraform provider that checks
// PagerDuty credentials. Terraform starts it; run by hand it only says so.
package main

import (
	"context"
	"flag"
	"log"
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
	// A check's memory just passes the 4 MB at which Go collects for the first time.
	// That collection costs 2 ms and half a megabyte, and the process ends after it.
	gc.SetGCPercent(200)
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/pagerdutyauth/pagerdutyauth",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
