package provider

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// arguments are the values of a block, by attribute. What is not named is null.
type arguments = map[string]tftypes.Value

// dynamic is an object of a schema's type; what is not given is null.
func dynamic(tb testing.TB, schema *tfprotov6.Schema, given arguments) *tfprotov6.DynamicValue {
	tb.Helper()
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		tb.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for name, v := range given {
		if _, known := values[name]; !known {
			tb.Fatalf("the schema has no %q", name)
		}
		values[name] = v
	}
	v, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		tb.Fatal(err)
	}
	return &v
}

var setType = tftypes.Set{ElementType: tftypes.String}

func word(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func truth(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

func words(all ...string) tftypes.Value {
	values := make([]tftypes.Value, len(all))
	for i, s := range all {
		values[i] = word(s)
	}
	return tftypes.NewValue(setType, values)
}

func unknown(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, tftypes.UnknownValue) }

// with is both, the second one winning.
func with(first, second arguments) arguments {
	all := maps.Clone(first)
	if all == nil {
		all = arguments{}
	}
	maps.Copy(all, second)
	return all
}

// at points the provider at an emulator.
func at(s *pdfake.Server, more arguments) arguments {
	return with(arguments{
		"api_url_override": word(s.URL()), "identity_url_override": word(s.IdentityURL()), "ca_cert_pem": word(s.CAPEM()),
		"timeout": word("5s"),
	}, more)
}

// appBlockValue is the provider's block of an OAuth app.
func appBlockValue(id, secret, subdomain tftypes.Value) tftypes.Value {
	attributes := map[string]tftypes.Type{
		"pd_client_id": tftypes.String, "pd_client_secret": tftypes.String, "pd_subdomain": tftypes.String,
	}
	return tftypes.NewValue(tftypes.Object{AttributeTypes: attributes}, map[string]tftypes.Value{
		"pd_client_id": id, "pd_client_secret": secret, "pd_subdomain": subdomain,
	})
}

func appProvider() arguments {
	return arguments{appBlock: appBlockValue(word(appID), word(appSecret), word("acme"))}
}

// The surfaces of a check.
const (
	dataSurface      = "data"
	ephemeralSurface = "ephemeral"
	actionSurface    = "action"
)

var surfaces = []string{dataSurface, ephemeralSurface, actionSurface}

const typeName, actionName = "pagerdutyauth_credential", "pagerdutyauth_verify"

// protocol is a provider that is spoken to as Terraform does, without Terraform.
type protocol struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	actions tfprotov6.ProviderServerWithActions //nolint:staticcheck // ProviderServer itself has no actions yet
	schemas *tfprotov6.GetProviderSchemaResponse
	// deferral is whether the client allows it.
	deferral bool
}

func newProtocol(t *testing.T) *protocol {
	t.Helper()
	server, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	p := &protocol{t: t, server: server}
	p.actions, _ = server.(tfprotov6.ProviderServerWithActions) //nolint:staticcheck // as above
	if p.actions == nil {
		t.Fatal("the provider serves no actions")
	}
	if p.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	return p
}

// schema is a surface's.
func (p *protocol) schema(surface string) *tfprotov6.Schema {
	switch surface {
	case dataSurface:
		return p.schemas.DataSourceSchemas[typeName]
	case ephemeralSurface:
		return p.schemas.EphemeralResourceSchemas[typeName]
	case actionSurface:
		return p.schemas.ActionSchemas[actionName].Schema
	}
	p.t.Fatalf("no surface %q", surface)
	return nil
}

// configure validates and configures the provider.
func (p *protocol) configure(given arguments) []*tfprotov6.Diagnostic {
	p.t.Helper()
	config := dynamic(p.t, p.schemas.Provider, given)
	validated, err := p.server.ValidateProviderConfig(p.t.Context(),
		&tfprotov6.ValidateProviderConfigRequest{Config: config})
	if err != nil {
		p.t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return validated.Diagnostics
	}
	configured, err := p.server.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: config,
		ClientCapabilities: &tfprotov6.ConfigureProviderClientCapabilities{DeferralAllowed: p.deferral},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return configured.Diagnostics
}

// validate validates a surface's arguments.
func (p *protocol) validate(surface string, given arguments) []*tfprotov6.Diagnostic {
	p.t.Helper()
	config := dynamic(p.t, p.schema(surface), given)
	var diags []*tfprotov6.Diagnostic
	var err error
	switch surface {
	case dataSurface:
		var resp *tfprotov6.ValidateDataResourceConfigResponse
		resp, err = p.server.ValidateDataResourceConfig(p.t.Context(),
			&tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: config})
		diags = resp.Diagnostics
	case ephemeralSurface:
		var resp *tfprotov6.ValidateEphemeralResourceConfigResponse
		resp, err = p.server.ValidateEphemeralResourceConfig(p.t.Context(),
			&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: typeName, Config: config})
		diags = resp.Diagnostics
	default:
		var resp *tfprotov6.ValidateActionConfigResponse
		resp, err = p.actions.ValidateActionConfig(p.t.Context(),
			&tfprotov6.ValidateActionConfigRequest{ActionType: actionName, Config: config})
		diags = resp.Diagnostics
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return diags
}

// answer is what reading, opening or invoking gave.
type answer struct {
	diagnostics []*tfprotov6.Diagnostic
	// values are the results by attribute, nil where there are none.
	values   map[string]tftypes.Value
	progress []string
	// deferred is the reason's name, "" for none.
	deferred string
}

// check reads, opens or invokes, without validating.
func (p *protocol) check(surface string, given arguments) answer {
	p.t.Helper()
	schema := p.schema(surface)
	config := dynamic(p.t, schema, given)
	var a answer
	var result *tfprotov6.DynamicValue
	switch surface {
	case dataSurface:
		resp, err := p.server.ReadDataSource(p.t.Context(), &tfprotov6.ReadDataSourceRequest{
			TypeName: typeName, Config: config,
			ClientCapabilities: &tfprotov6.ReadDataSourceClientCapabilities{DeferralAllowed: p.deferral},
		})
		if err != nil {
			p.t.Fatal(err)
		}
		a.diagnostics, result = resp.Diagnostics, resp.State
		if resp.Deferred != nil {
			a.deferred = resp.Deferred.Reason.String()
		}
	case ephemeralSurface:
		resp, err := p.server.OpenEphemeralResource(p.t.Context(), &tfprotov6.OpenEphemeralResourceRequest{
			TypeName: typeName, Config: config,
			ClientCapabilities: &tfprotov6.OpenEphemeralResourceClientCapabilities{DeferralAllowed: p.deferral},
		})
		if err != nil {
			p.t.Fatal(err)
		}
		a.diagnostics, result = resp.Diagnostics, resp.Result
		if resp.Deferred != nil {
			a.deferred = resp.Deferred.Reason.String()
		}
	default:
		a.progress, a.diagnostics = p.invoke(config)
		return a
	}
	if result == nil || len(a.errors()) > 0 {
		return a
	}
	value, err := result.Unmarshal(schema.ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	if value.IsFullyKnown() && !value.IsNull() {
		if err := value.As(&a.values); err != nil {
			p.t.Fatal(err)
		}
	}
	return a
}

// invoke plans the action, which must do nothing, and invokes it.
func (p *protocol) invoke(config *tfprotov6.DynamicValue) (progress []string, diags []*tfprotov6.Diagnostic) {
	p.t.Helper()
	planned, err := p.actions.PlanAction(p.t.Context(),
		&tfprotov6.PlanActionRequest{ActionType: actionName, Config: config})
	if err != nil || len(planned.Diagnostics) > 0 {
		p.t.Fatalf("plan: %v, %v", err, planned.Diagnostics)
	}
	stream, err := p.actions.InvokeAction(p.t.Context(),
		&tfprotov6.InvokeActionRequest{ActionType: actionName, Config: config})
	if err != nil {
		p.t.Fatal(err)
	}
	completed := 0
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diags = e.Diagnostics
		}
	}
	if completed != 1 {
		p.t.Errorf("completed %d times", completed)
	}
	return progress, diags
}

// run configures, validates and checks, and stops at the first error, as Terraform
// does.
func run(t *testing.T, surface string, provider, check arguments) answer {
	t.Helper()
	p := newProtocol(t)
	first := p.configure(provider)
	if a := (answer{diagnostics: first}); len(a.errors()) > 0 {
		return a
	}
	second := p.validate(surface, check)
	if a := (answer{diagnostics: second}); len(a.errors()) > 0 {
		return a
	}
	return p.check(surface, check)
}

func (a answer) of(severity tfprotov6.DiagnosticSeverity) []*tfprotov6.Diagnostic {
	others := func(d *tfprotov6.Diagnostic) bool { return d.Severity != severity }
	return slices.DeleteFunc(slices.Clone(a.diagnostics), others)
}

func (a answer) errors() []*tfprotov6.Diagnostic   { return a.of(tfprotov6.DiagnosticSeverityError) }
func (a answer) warnings() []*tfprotov6.Diagnostic { return a.of(tfprotov6.DiagnosticSeverityWarning) }

// fails checks that the only error is the one with this Summary, about the argument
// (its root, "" for none), and gives its Detail.
func (a answer) fails(t *testing.T, summary, argument string) string {
	t.Helper()
	all := a.errors()
	if len(all) != 1 {
		t.Errorf("%d errors, want one %q:%s", len(all), summary, describe(a.diagnostics))
		return ""
	}
	if all[0].Summary != summary || rootOf(all[0]) != argument {
		t.Errorf("got %q on %q, want %q on %q:\n%s", all[0].Summary, rootOf(all[0]), summary, argument, all[0].Detail)
	}
	return all[0].Detail
}

// passes checks that there is no diagnostic.
func (a answer) passes(t *testing.T) {
	t.Helper()
	if len(a.diagnostics) > 0 {
		t.Errorf("it did not pass:%s", describe(a.diagnostics))
	}
}

// text is a string result, "null" where it is null.
func (a answer) text(t *testing.T, name string) string {
	t.Helper()
	v, ok := a.values[name]
	if !ok {
		return "absent"
	}
	if v.IsNull() {
		return "null"
	}
	if v.Type().Is(tftypes.Bool) {
		var b bool
		if err := v.As(&b); err != nil {
			t.Fatal(err)
		}
		return strconv.FormatBool(b)
	}
	var s string
	if err := v.As(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

// rootOf is the argument that a diagnostic is about.
func rootOf(d *tfprotov6.Diagnostic) string {
	if d.Attribute == nil {
		return ""
	}
	steps := d.Attribute.Steps()
	if len(steps) == 0 {
		return ""
	}
	name, _ := steps[0].(tftypes.AttributeName)
	return string(name)
}

func describe(diags []*tfprotov6.Diagnostic) string {
	var b strings.Builder
	for _, d := range diags {
		b.WriteString("\n" + d.Severity.String() + " " + d.Summary + " (" + rootOf(d) + "): " + d.Detail)
	}
	return b.String()
}
