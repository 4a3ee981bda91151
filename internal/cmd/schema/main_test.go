package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

type schemas struct {
	Providers map[string]map[string]any `json:"provider_schemas"`
}

// Terraform prints the same schema, without the actions before 1.14.
func TestAccSchema(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform for real")
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("main.tf", tfrun.RequiredProviders); err != nil {
		t.Fatal(err)
	}
	o, err := w.Run(t.Context(), "providers", "schema", "-json")
	if err != nil {
		t.Fatal(err)
	}
	var theirs, ours schemas
	_, object, _ := strings.Cut(o.Output, "{") // after a warning about development overrides
	if err := json.Unmarshal([]byte("{"+object), &theirs); err != nil {
		t.Fatal(err)
	}
	printed, err := providerSchemas(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(printed)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &ours); err != nil {
		t.Fatal(err)
	}
	our := ours.Providers[address]
	for name, their := range theirs.Providers {
		if !strings.HasSuffix(name, "/pagerdutyauth/pagerdutyauth") {
			t.Errorf("provider %s", name)
		}
		for _, key := range []string{"provider", "data_source_schemas", "ephemeral_resource_schemas", "functions"} {
			if !reflect.DeepEqual(our[key], their[key]) {
				t.Errorf("%s differs:\n%v\n%v", key, our[key], their[key])
			}
		}
		if actions := their["action_schemas"]; actions != nil && !reflect.DeepEqual(our["action_schemas"], actions) {
			t.Errorf("actions differ:\n%v\n%v", our["action_schemas"], actions)
		}
	}
}
