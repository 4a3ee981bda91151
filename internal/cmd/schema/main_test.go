package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	providerschema "github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	pagerdutyauth "github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/provider"
)

// Terraform 1.11.4 was seen to print exactly this for fakeProvider, without action_schemas.
const want = `{
  "format_version": "1.0",
  "provider_schemas": {
    "registry.terraform.io/hashicorp/pagerdutyauth": {
      "provider": {
        "version": 0,
        "block": {
          "attributes": {
            "token": {
              "type": "string",
              "description": "The *key*.",
              "description_kind": "markdown",
              "optional": true,
              "sensitive": true
            }
          },
          "block_types": {
            "endpoint": {
              "nesting_mode": "list",
              "block": {
                "attributes": {
                  "url": {
                    "type": "string",
                    "description_kind": "plain",
                    "required": true
                  }
                },
                "description_kind": "plain"
              }
            }
          },
          "description_kind": "plain",
          "deprecated": true
        }
      },
      "data_source_schemas": {
        "fake_data": {
          "version": 0,
          "block": {
            "attributes": {
              "tags": {
                "type": [
                  "map",
                  "bool"
                ],
                "description": "Plain.",
                "description_kind": "plain",
                "deprecated": true,
                "optional": true,
                "computed": true
              },
              "users": {
                "nested_type": {
                  "attributes": {
                    "teams": {
                      "type": [
                        "list",
                        "string"
                      ],
                      "description_kind": "plain",
                      "computed": true
                    }
                  },
                  "nesting_mode": "set"
                },
                "description_kind": "plain",
                "computed": true
              }
            },
            "description_kind": "plain"
          }
        }
      },
      "ephemeral_resource_schemas": {
        "fake_ephemeral": {
          "version": 0,
          "block": {
            "attributes": {
              "user": {
                "nested_type": {
                  "attributes": {
                    "id": {
                      "type": "string",
                      "description_kind": "plain",
                      "computed": true
                    }
                  },
                  "nesting_mode": "single"
                },
                "description_kind": "plain",
                "computed": true
              }
            },
            "description_kind": "plain"
          }
        }
      },
      "action_schemas": {
        "fake_action": {
          "block": {
            "attributes": {
              "secret": {
                "type": "string",
                "description_kind": "plain",
                "required": true,
                "write_only": true
              }
            },
            "description": "Does.",
            "description_kind": "markdown"
          }
        }
      },
      "functions": {
        "join": {
          "description": "Long.",
          "summary": "Short.",
          "deprecation_message": "Gone soon.",
          "return_type": [
            "object",
            {
              "ok": "bool"
            }
          ],
          "parameters": [
            {
              "name": "first",
              "description": "One.",
              "is_nullable": true,
              "type": "string"
            }
          ],
          "variadic_parameter": {
            "name": "rest",
            "type": "number"
          }
        }
      }
    }
  }
}
`

func TestWrite(t *testing.T) {
	t.Parallel()
	var got bytes.Buffer
	if err := write(context.Background(), &got, fakeProvider{}); err != nil {
		t.Fatal(err)
	}
	if got.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
	}
}

// What this command does not know how to write must stop it, not vanish from the docs.
func TestWrite_resourcesAreRefused(t *testing.T) {
	t.Parallel()
	err := write(context.Background(), &bytes.Buffer{}, withResource{})
	if err == nil || !strings.Contains(err.Error(), "does not write yet") {
		t.Fatalf("got error %v", err)
	}
}

func TestWrite_thisProvider(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := write(context.Background(), &out, pagerdutyauth.New("test")()); err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Providers map[string]struct {
			Provider struct {
				Block struct {
					Attributes map[string]struct{ Sensitive bool }
				}
			}
		} `json:"provider_schemas"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if keys := slices.Collect(maps.Keys(doc.Providers)); !slices.Equal(keys, []string{address}) {
		t.Errorf("got providers %q", keys)
	}
	if !doc.Providers[address].Provider.Block.Attributes["token"].Sensitive {
		t.Errorf("token is not sensitive in:\n%s", out.String())
	}
}

type fakeProvider struct{}

var (
	_ provider.ProviderWithActions            = fakeProvider{}
	_ provider.ProviderWithEphemeralResources = fakeProvider{}
	_ provider.ProviderWithFunctions          = fakeProvider{}
)

func (fakeProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "fake"
}

func (fakeProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = providerschema.Schema{
		DeprecationMessage: "old",
		Attributes: map[string]providerschema.Attribute{
			"token": providerschema.StringAttribute{Optional: true, Sensitive: true, MarkdownDescription: "The *key*."},
		},
		Blocks: map[string]providerschema.Block{
			"endpoint": providerschema.ListNestedBlock{NestedObject: providerschema.NestedBlockObject{
				Attributes: map[string]providerschema.Attribute{"url": providerschema.StringAttribute{Required: true}},
			}},
		},
	}
}

func (fakeProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (fakeProvider) Resources(context.Context) []func() resource.Resource { return nil }

func (fakeProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{func() datasource.DataSource { return fakeData{} }}
}

func (fakeProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{func() ephemeral.EphemeralResource { return fakeEphemeral{} }}
}

func (fakeProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{func() action.Action { return fakeAction{} }}
}

func (fakeProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{func() function.Function { return fakeFunction{} }}
}

type fakeData struct{ datasource.DataSource }

func (fakeData) Metadata(_ context.Context, _ datasource.MetadataRequest, resp *datasource.MetadataResponse) {
	resp.TypeName = "fake_data"
}

func (fakeData) Schema(_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse) {
	resp.Schema = datasourceschema.Schema{Attributes: map[string]datasourceschema.Attribute{
		"tags": datasourceschema.MapAttribute{
			ElementType: types.BoolType, Optional: true, Computed: true,
			Description: "Plain.", DeprecationMessage: "old",
		},
		"users": datasourceschema.SetNestedAttribute{
			Computed: true,
			NestedObject: datasourceschema.NestedAttributeObject{Attributes: map[string]datasourceschema.Attribute{
				"teams": datasourceschema.ListAttribute{ElementType: types.StringType, Computed: true},
			}},
		},
	}}
}

type fakeEphemeral struct{ ephemeral.EphemeralResource }

func (fakeEphemeral) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "fake_ephemeral"
}

func (fakeEphemeral) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"user": ephemeralschema.SingleNestedAttribute{
			Computed:   true,
			Attributes: map[string]ephemeralschema.Attribute{"id": ephemeralschema.StringAttribute{Computed: true}},
		},
	}}
}

type fakeAction struct{ action.Action }

func (fakeAction) Metadata(_ context.Context, _ action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = "fake_action"
}

func (fakeAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = actionschema.Schema{
		MarkdownDescription: "Does.",
		Attributes: map[string]actionschema.Attribute{
			"secret": actionschema.StringAttribute{Required: true, WriteOnly: true},
		},
	}
}

type fakeFunction struct{ function.Function }

func (fakeFunction) Metadata(_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse) {
	resp.Name = "join"
}

func (fakeFunction) Definition(_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse) {
	resp.Definition = function.Definition{
		Summary: "Short.", Description: "Long.", DeprecationMessage: "Gone soon.",
		Parameters: []function.Parameter{
			function.StringParameter{Name: "first", Description: "One.", AllowNullValue: true},
		},
		VariadicParameter: function.Int64Parameter{Name: "rest"},
		Return: function.ObjectReturn{AttributeTypes: map[string]attr.Type{
			"ok": types.BoolType,
		}},
	}
}

type withResource struct{ fakeProvider }

func (withResource) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{func() resource.Resource { return fakeResource{} }}
}

type fakeResource struct{ resource.Resource }

func (fakeResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "fake_resource"
}

func (fakeResource) Schema(context.Context, resource.SchemaRequest, *resource.SchemaResponse) {}
