// Command schema prints the provider's schema in the form of `terraform providers
// schema -json`. The documentation is generated from it and not from Terraform's own
// output, because a Terraform before 1.14 leaves the actions out, and the docs must not
// depend on which one is installed.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	pagerdutyauth "github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/provider"
)

// address is where tfplugindocs looks for a provider, whatever its real namespace.
const address = "registry.terraform.io/hashicorp/pagerdutyauth"

func main() {
	if err := write(context.Background(), os.Stdout, pagerdutyauth.New("dev")()); err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

// The structs below are the JSON that github.com/hashicorp/terraform-json reads, as far
// as this provider can fill it: there are no resources, lists or state stores.
type (
	documentJSON struct {
		FormatVersion string                         `json:"format_version"`
		Providers     map[string]*providerSchemaJSON `json:"provider_schemas"`
	}

	providerSchemaJSON struct {
		Provider           *schemaJSON              `json:"provider"`
		DataSources        map[string]*schemaJSON   `json:"data_source_schemas,omitempty"`
		EphemeralResources map[string]*schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
		Actions            map[string]*schemaJSON   `json:"action_schemas,omitempty"`
		Functions          map[string]*functionJSON `json:"functions,omitempty"`
	}

	schemaJSON struct {
		Version *int64     `json:"version,omitempty"` // none for an action
		Block   *blockJSON `json:"block"`
	}

	blockJSON struct {
		Attributes      map[string]*attributeJSON `json:"attributes,omitempty"`
		BlockTypes      map[string]*blockTypeJSON `json:"block_types,omitempty"`
		Description     string                    `json:"description,omitempty"`
		DescriptionKind string                    `json:"description_kind"`
		Deprecated      bool                      `json:"deprecated,omitempty"`
	}

	blockTypeJSON struct {
		NestingMode string     `json:"nesting_mode"`
		Block       *blockJSON `json:"block"`
		MinItems    int64      `json:"min_items,omitempty"`
		MaxItems    int64      `json:"max_items,omitempty"`
	}

	attributeJSON struct {
		Type            tftypes.Type    `json:"type,omitempty"`
		NestedType      *nestedTypeJSON `json:"nested_type,omitempty"`
		Description     string          `json:"description,omitempty"`
		DescriptionKind string          `json:"description_kind"`
		Deprecated      bool            `json:"deprecated,omitempty"`
		Required        bool            `json:"required,omitempty"`
		Optional        bool            `json:"optional,omitempty"`
		Computed        bool            `json:"computed,omitempty"`
		Sensitive       bool            `json:"sensitive,omitempty"`
		WriteOnly       bool            `json:"write_only,omitempty"`
	}

	nestedTypeJSON struct {
		Attributes  map[string]*attributeJSON `json:"attributes,omitempty"`
		NestingMode string                    `json:"nesting_mode"`
	}

	functionJSON struct {
		Description        string           `json:"description,omitempty"`
		Summary            string           `json:"summary,omitempty"`
		DeprecationMessage string           `json:"deprecation_message,omitempty"`
		ReturnType         tftypes.Type     `json:"return_type"`
		Parameters         []*parameterJSON `json:"parameters,omitempty"`
		VariadicParameter  *parameterJSON   `json:"variadic_parameter,omitempty"`
	}

	parameterJSON struct {
		Name        string       `json:"name,omitempty"`
		Description string       `json:"description,omitempty"`
		IsNullable  bool         `json:"is_nullable,omitempty"`
		Type        tftypes.Type `json:"type"`
	}
)

// write asks p for its schema as Terraform does, but in this process, and writes it to w.
func write(ctx context.Context, w io.Writer, p provider.Provider) error {
	resp, err := providerserver.NewProtocol6(p)().GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return err
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}
	// Better to stop than to document a provider without something it has.
	if len(resp.ResourceSchemas)+len(resp.ListResourceSchemas)+len(resp.StateStoreSchemas) > 0 {
		return fmt.Errorf("the provider has kinds of objects that this command does not write yet: " +
			"add them to providerSchema and, for resources, their identity schemas too")
	}

	out, err := json.MarshalIndent(documentJSON{
		FormatVersion: "1.0",
		Providers: map[string]*providerSchemaJSON{address: {
			Provider:           newSchema(resp.Provider),
			DataSources:        newMap(resp.DataSourceSchemas, newSchema),
			EphemeralResources: newMap(resp.EphemeralResourceSchemas, newSchema),
			Actions: newMap(resp.ActionSchemas, func(a *tfprotov6.ActionSchema) *schemaJSON {
				return &schemaJSON{Block: newBlock(a.Schema.Block)}
			}),
			Functions: newMap(resp.Functions, newFunction),
		}},
	}, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(out, '\n'))
	return err
}

func newMap[From, To any](from map[string]*From, convert func(*From) *To) map[string]*To {
	to := make(map[string]*To, len(from))
	for name, v := range from {
		to[name] = convert(v)
	}
	return to
}

func newSchema(s *tfprotov6.Schema) *schemaJSON {
	if s == nil {
		// A provider without configuration still has an empty block in Terraform's output.
		return &schemaJSON{Version: new(int64), Block: &blockJSON{DescriptionKind: kind(tfprotov6.StringKindPlain)}}
	}
	return &schemaJSON{Version: &s.Version, Block: newBlock(s.Block)}
}

func newBlock(b *tfprotov6.SchemaBlock) *blockJSON {
	types := make(map[string]*blockTypeJSON, len(b.BlockTypes))
	for _, nested := range b.BlockTypes {
		types[nested.TypeName] = &blockTypeJSON{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       newBlock(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return &blockJSON{
		Attributes:      newAttributes(b.Attributes),
		BlockTypes:      types,
		Description:     b.Description,
		DescriptionKind: kind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
}

func newAttributes(from []*tfprotov6.SchemaAttribute) map[string]*attributeJSON {
	to := make(map[string]*attributeJSON, len(from))
	for _, a := range from {
		attr := &attributeJSON{
			Type:            a.Type,
			Description:     a.Description,
			DescriptionKind: kind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			attr.NestedType = &nestedTypeJSON{
				Attributes:  newAttributes(a.NestedType.Attributes),
				NestingMode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		to[a.Name] = attr
	}
	return to
}

func newFunction(f *tfprotov6.Function) *functionJSON {
	fn := &functionJSON{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
	}
	for _, p := range f.Parameters {
		fn.Parameters = append(fn.Parameters, newParameter(p))
	}
	if f.VariadicParameter != nil {
		fn.VariadicParameter = newParameter(f.VariadicParameter)
	}
	return fn
}

func newParameter(p *tfprotov6.FunctionParameter) *parameterJSON {
	return &parameterJSON{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

func kind(k tfprotov6.StringKind) string {
	return strings.ToLower(k.String())
}
