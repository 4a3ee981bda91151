package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	pagerdutyauth "github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/provider"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// The schema is the one that Terraform prints, except for the kinds of objects that this
// Terraform does not know.
func TestAccWrite(t *testing.T) {
	t.Parallel()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("TF_ACC is not set: this test runs Terraform")
	}
	var out bytes.Buffer
	if err := write(context.Background(), &out, pagerdutyauth.New("test")()); err != nil {
		t.Fatal(err)
	}
	w, err := tfrun.NewWorkspace(tfrun.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write("main.tf", tfrun.RequiredProviders); err != nil {
		t.Fatal(err)
	}
	printed, err := w.Run(t.Context(), "providers", "schema", "-json")
	if err != nil {
		t.Fatal(err)
	}
	got, want := onlyProvider(t, out.String()), onlyProvider(t, printed.Output)
	if len(want) < 2 {
		t.Fatalf("Terraform printed %v", want)
	}
	for kind, wanted := range want {
		if !reflect.DeepEqual(got[kind], wanted) {
			t.Errorf("%s:\ngot  %v\nwant %v", kind, got[kind], wanted)
		}
	}
	for _, kind := range []string{"data_source_schemas", "ephemeral_resource_schemas", "action_schemas", "functions"} {
		if got[kind] == nil {
			t.Errorf("%s are missing", kind)
		}
	}
}

// onlyProvider returns the schemas of the only provider by the kind of object.
func onlyProvider(t *testing.T, text string) map[string]any {
	t.Helper()
	text = text[strings.Index(text, "{"):]
	text = text[:strings.LastIndex(text, "}")+1]
	var all struct {
		Providers map[string]map[string]any `json:"provider_schemas"`
	}
	if err := json.Unmarshal([]byte(text), &all); err != nil || len(all.Providers) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	for _, schemas := range all.Providers {
		return schemas
	}
	return nil
}

// A kind of object that this command cannot write is an error: the documentation must
// not lack it silently.
func TestWrite_resource(t *testing.T) {
	t.Parallel()
	err := write(context.Background(), &bytes.Buffer{}, withResource{pagerdutyauth.New("test")()})
	if err == nil || !strings.Contains(err.Error(), "does not write yet") {
		t.Fatalf("got error %v", err)
	}
}

type withResource struct{ provider.Provider }

func (withResource) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return emptyResource{} }}
}

type emptyResource struct{ resource.Resource }

func (emptyResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "pagerdutyauth_empty"
}

func (emptyResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{}
}
