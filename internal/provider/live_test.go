package provider

import (
	"os"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// The read-only part against the real API, with the user's own token: make
// testacc-live. What the token is, is not known here; that it is judged, is.
func TestLive(t *testing.T) {
	if os.Getenv("PAGERDUTYAUTH_LIVE") == "" || os.Getenv("PAGERDUTY_TOKEN") == "" {
		t.Skip("PAGERDUTYAUTH_LIVE or PAGERDUTY_TOKEN is not set: this test asks the real API with your token (make testacc-live)")
	}
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: factories,
		Steps: []resource.TestStep{{
			Config: `data "pagerdutyauth_credential" "this" {}`,
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("status"), knownvalue.StringExact("valid")),
				statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("token_source"), knownvalue.StringExact("PAGERDUTY_TOKEN")),
				statecheck.ExpectKnownValue(dataSource, tfjsonpath.New("subdomain"), knownvalue.NotNull()),
			},
		}},
	})
}
