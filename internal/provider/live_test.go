package provider

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// A check of your own token with the real API: make testacc-live. With
// PAGERDUTYAUTH_LIVE_WRITE_ACCESS set, it also sends POST /schedules/preview, which
// PagerDuty documents as saving nothing [D].
func TestLive(t *testing.T) {
	if os.Getenv("PAGERDUTYAUTH_LIVE") == "" || os.Getenv("PAGERDUTY_TOKEN") == "" {
		t.Skip("PAGERDUTYAUTH_LIVE or PAGERDUTY_TOKEN is not set: " +
			"this test checks your token with the real API (make testacc-live)")
	}
	result := func(name string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(dataSource, tfjsonpath.New(name), want)
	}
	steps := []resource.TestStep{{Config: dataBlock, ConfigStateChecks: []statecheck.StateCheck{
		result("status", knownvalue.StringExact("valid")), result("subdomain", knownvalue.NotNull()),
		result("token_source", knownvalue.StringExact("PAGERDUTY_TOKEN")),
	}}}
	if os.Getenv("PAGERDUTYAUTH_LIVE_WRITE_ACCESS") != "" {
		steps = append(steps, resource.TestStep{
			Config: "data \"pagerdutyauth_credential\" \"this\" {\n  require_write_access = true\n" +
				"  on_failure = \"warning\"\n}\n",
			ConfigStateChecks: []statecheck.StateCheck{result("write_access", knownvalue.NotNull())},
		})
	}
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: factories, Steps: steps})
}
