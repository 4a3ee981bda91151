package provider

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// A check against the real API, with the user's own token: make testacc-live. What
// the token is, is not known here; that it is judged, is. Only with
// PAGERDUTYAUTH_LIVE_WRITE_ACCESS set too is write access asked for, with a
// POST /schedules/preview, which PagerDuty documents as saving nothing [D].
func TestLive(t *testing.T) {
	if os.Getenv("PAGERDUTYAUTH_LIVE") == "" || os.Getenv("PAGERDUTY_TOKEN") == "" {
		t.Skip("PAGERDUTYAUTH_LIVE or PAGERDUTY_TOKEN is not set: " +
			"this test asks the real API with your token (make testacc-live)")
	}
	config := dataBlock
	checks := []statecheck.StateCheck{
		statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("status"), knownvalue.StringExact("valid")),
		statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("token_source"), knownvalue.StringExact("PAGERDUTY_TOKEN")),
		statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("subdomain"), knownvalue.NotNull()),
	}
	if os.Getenv("PAGERDUTYAUTH_LIVE_WRITE_ACCESS") != "" {
		config = "data \"pagerdutyauth_credential\" \"this\" {\n  include_write_access = true\n}\n"
		checks = append(checks, statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("write_access"), knownvalue.NotNull()))
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps:                    []resource.TestStep{{Config: config, ConfigStateChecks: checks}},
	})
}
