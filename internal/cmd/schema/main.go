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

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"

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

	out, err := json.MarshalIndent(tfjson.ProviderSchemas{
		FormatVersion: "1.0",
		Schemas: map[string]*tfjson.ProviderSchema{address: {
			ConfigSchema:             newSchema(resp.Provider),
			DataSourceSchemas:        newMap(resp.DataSourceSchemas, newSchema),
			EphemeralResourceSchemas: newMap(resp.EphemeralResourceSchemas, newSchema),
			ActionSchemas: newMap(resp.ActionSchemas, func(a *tfprotov6.ActionSchema) *tfjson.ActionSchema {
				return &tfjson.ActionSchema{Block: newBlock(a.Schema.Block)}
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

func newSchema(s *tfprotov6.Schema) *tfjson.Schema {
	if s == nil {
		// A provider without configuration still has an empty block in Terraform's output.
		return &tfjson.Schema{Block: &tfjson.SchemaBlock{DescriptionKind: tfjson.SchemaDescriptionKindPlain}}
	}
	return &tfjson.Schema{Version: uint64(s.Version), Block: newBlock(s.Block)} //nolint:gosec // 0 and up
}

func newBlock(b *tfprotov6.SchemaBlock) *tfjson.SchemaBlock {
	nested := make(map[string]*tfjson.SchemaBlockType, len(b.BlockTypes))
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: tfjson.SchemaNestingMode(strings.ToLower(n.Nesting.String())),
			Block:       newBlock(n.Block),
			MinItems:    uint64(n.MinItems), //nolint:gosec // 0 and up
			MaxItems:    uint64(n.MaxItems), //nolint:gosec // 0 and up
		}
	}
	return &tfjson.SchemaBlock{
		Attributes:      newAttributes(b.Attributes),
		NestedBlocks:    nested,
		Description:     b.Description,
		DescriptionKind: kind(b.DescriptionKind),
		Deprecated:      b.Deprecated,
	}
}

func newAttributes(from []*tfprotov6.SchemaAttribute) map[string]*tfjson.SchemaAttribute {
	to := make(map[string]*tfjson.SchemaAttribute, len(from))
	for _, a := range from {
		attr := &tfjson.SchemaAttribute{
			Description:     a.Description,
			DescriptionKind: kind(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType == nil {
			attr.AttributeType = newType(a.Type)
		} else {
			attr.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
				Attributes:  newAttributes(a.NestedType.Attributes),
				NestingMode: tfjson.SchemaNestingMode(strings.ToLower(a.NestedType.Nesting.String())),
			}
		}
		to[a.Name] = attr
	}
	return to
}

func newFunction(f *tfprotov6.Function) *tfjson.FunctionSignature {
	fn := &tfjson.FunctionSignature{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         newType(f.Return.Type),
	}
	for _, p := range f.Parameters {
		fn.Parameters = append(fn.Parameters, newParameter(p))
	}
	if f.VariadicParameter != nil {
		fn.VariadicParameter = newParameter(f.VariadicParameter)
	}
	return fn
}

func newParameter(p *tfprotov6.FunctionParameter) *tfjson.FunctionParameter {
	return &tfjson.FunctionParameter{
		Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: newType(p.Type),
	}
}

func kind(k tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	return tfjson.SchemaDescriptionKind(strings.ToLower(k.String()))
}

// newType goes through JSON, which both write alike.
func newType(t tftypes.Type) (converted cty.Type) {
	text, err := json.Marshal(t)
	if err == nil {
		err = json.Unmarshal(text, &converted)
	}
	if err != nil {
		panic(err) // a type without a JSON form
	}
	return converted
}
