// Command terraform-provider-pagerdutyauth is a Terraform provider that checks
// PagerDuty credentials. Terraform starts it.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/provider"
)

// version is set by the linker.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "run so that a debugger such as delve can be attached")
	flag.Parse()
	discardStandardLog()
	disableProtocolFiles()
	if !*debug {
		quietLogs()
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/pagerdutyauth/pagerdutyauth",
		Debug:   *debug,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "terraform-provider-pagerdutyauth:", err)
		os.Exit(1)
	}
}
