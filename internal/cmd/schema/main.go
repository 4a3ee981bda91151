// Command schema prints the provider's schema in the form of `terraform providers schema -json`. The
// documentation is generated from it and not from Terraform's own output: a Terraform before 1.14 leaves
// the actions out, and the documentation must not depend on the installed version.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/provider"
)

// address is where tfplugindocs looks for a provider, whatever its real namespace.
const address = "registry.terraform.io/hashicorp/pagerdutyauth"

func main() {
	schemas, err := providerSchemas(context.Background())
	if err == nil {
		text := json.NewEncoder(os.Stdout)
		text.SetIndent("", "  ")
		err = text.Encode(schemas)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

type object map[string]any

// add adds a property that Terraform prints only if it is true.
func (o object) add(name string, value bool) {
	if value {
		o[name] = true
	}
}

// providerSchemas requests the schema as Terraform does, but in this process.
func providerSchemas(ctx context.Context) (object, error) {
	server := providerserver.NewProtocol6(provider.New("dev")())()
	resp, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}
	for _, d := range resp.Diagnostics {
		return nil, fmt.Errorf("%s: %s", d.Summary, d.Detail)
	}
	if len(resp.ResourceSchemas)+len(resp.ListResourceSchemas)+len(resp.StateStoreSchemas) > 0 {
		return nil, errors.New("the provider has a kind of object that this command does not write yet")
	}
	return object{"format_version": "1.0", "provider_schemas": object{address: object{
		"provider":                   newSchema(resp.Provider),
		"data_source_schemas":        newMap(resp.DataSourceSchemas, newSchema),
		"ephemeral_resource_schemas": newMap(resp.EphemeralResourceSchemas, newSchema),
		"action_schemas": newMap(resp.ActionSchemas, func(a *tfprotov6.ActionSchema) object {
			return object{"block": newBlock(a.Schema.Block)}
		}),
		"functions": newMap(resp.Functions, newFunction),
	}}}, nil
}

func newMap[T any](from map[string]T, convert func(T) object) object {
	to := object{}
	for name, v := range from {
		to[name] = convert(v)
	}
	return to
}

func newSchema(s *tfprotov6.Schema) object {
	return object{"version": s.Version, "block": newBlock(s.Block)}
}

func newBlock(b *tfprotov6.SchemaBlock) object {
	o := described(object{"attributes": newAttributes(b.Attributes)}, b.Description, b.DescriptionKind)
	nested := object{}
	for _, n := range b.BlockTypes {
		nested[n.TypeName] = object{"nesting_mode": strings.ToLower(n.Nesting.String()), "block": newBlock(n.Block)}
	}
	if len(nested) > 0 {
		o["block_types"] = nested
	}
	return o
}

func newAttributes(from []*tfprotov6.SchemaAttribute) object {
	to := object{}
	for _, a := range from {
		o := described(object{}, a.Description, a.DescriptionKind)
		o.add("required", a.Required)
		o.add("optional", a.Optional)
		o.add("computed", a.Computed)
		o.add("sensitive", a.Sensitive)
		o.add("write_only", a.WriteOnly)
		o.add("deprecated", a.Deprecated)
		if a.NestedType == nil {
			o["type"] = a.Type
		} else {
			mode := strings.ToLower(a.NestedType.Nesting.String())
			o["nested_type"] = object{"attributes": newAttributes(a.NestedType.Attributes), "nesting_mode": mode}
		}
		to[a.Name] = o
	}
	return to
}

func described(o object, text string, kind tfprotov6.StringKind) object {
	if text != "" {
		o["description"] = text
	}
	o["description_kind"] = strings.ToLower(kind.String())
	return o
}

func newFunction(f *tfprotov6.Function) object {
	var parameters []object
	for _, p := range f.Parameters {
		o := object{"name": p.Name, "description": p.Description, "type": p.Type}
		o.add("is_nullable", p.AllowNullValue)
		parameters = append(parameters, o)
	}
	return object{
		"description": f.Description, "summary": f.Summary, "return_type": f.Return.Type, "parameters": parameters,
	}
}
