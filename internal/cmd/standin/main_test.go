package main

import (
	"os"
	"slices"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// The stand-in uses the configured token, or else the environment's, and records what it does.
func TestAccStandin(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform for real")
	}
	dir, err := tfrun.Standins()
	if err != nil {
		t.Fatal(err)
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{
		Dir: t.TempDir(), Overrides: map[string]string{"pagerduty/pagerduty": dir},
	})
	if err != nil {
		t.Fatal(err)
	}
	const providers = "terraform {\n  required_providers {\n    pagerduty = { source = \"PagerDuty/pagerduty\" }\n  }\n}\n"
	run := func(config string, fails bool, args ...string) {
		t.Helper()
		if err := w.Write("main.tf", providers+config); err != nil {
			t.Fatal(err)
		}
		if o, err := w.Run(t.Context(), append(args, "-input=false")...); err != nil || o.Failed != fails {
			t.Fatalf("failed %t, want %t: %v\n%s", o.Failed, fails, err, o.Output)
		}
	}
	const team = "resource \"pagerduty_team\" \"platform\" {\n  name = \"Checkout\"\n}\n"
	run("provider \"pagerduty\" {}\n"+team, true, "plan")
	run("provider \"pagerduty\" {\n  token = \"token-0001\"\n}\n"+team, false, "apply", "-auto-approve")
	w.Setenv("PAGERDUTY_TOKEN", "token-0002")
	run("provider \"pagerduty\" {}\n", false, "apply", "-auto-approve")
	const app = "  use_app_oauth_scoped_token {\n    pd_client_id = \"app-0003\"\n  }\n"
	run("provider \"pagerduty\" {\n"+app+"}\n"+team, false, "plan")
	log := slices.Compact(w.Standin())
	if want := []string{
		"configure ****0001", "create ****0001 Checkout",
		"configure ****0002", "delete ****0002 Checkout",
		"configure ****0003",
	}; !slices.Equal(log, want) {
		t.Errorf("operations %q, want %q", log, want)
	}
}
