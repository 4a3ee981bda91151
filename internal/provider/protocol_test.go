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

// given are the attributes that a configuration sets. The others are null.
type given map[string]tftypes.Value

// with returns the attributes of both. Those of more win.
func (g given) with(more given) given {
	all := given{}
	maps.Copy(all, g)
	maps.Copy(all, more)
	return all
}

// encode returns an object of a schema's type.
func (g given) encode(t *testing.T, schema *tfprotov6.Schema) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema is not an object")
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for name, v := range g {
		if _, known := values[name]; !known {
			t.Fatalf("the schema has no attribute %q", name)
		}
		values[name] = v
	}
	v, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &v
}

func str(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func boolean(b bool) tftypes.Value { return tftypes.NewValue(tftypes.Bool, b) }

func number(n float64) tftypes.Value { return tftypes.NewValue(tftypes.Number, n) }

func list(elements ...string) tftypes.Value {
	values := make([]tftypes.Value, len(elements))
	for i, s := range elements {
		values[i] = str(s)
	}
	return tftypes.NewValue(listType, values)
}

func unknown(of tftypes.Type) tftypes.Value { return tftypes.NewValue(of, tftypes.UnknownValue) }

func withToken(value string) given { return given{"token": str(value)} }

func withUserToken(value string) given { return given{"user_token": str(value)} }

// withAppBlock returns the block of an OAuth app.
func withAppBlock(id, secret, subdomain tftypes.Value) given {
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"pd_client_id": tftypes.String, "pd_client_secret": tftypes.String, "pd_subdomain": tftypes.String,
	}}
	return given{appBlock: tftypes.NewValue(object, map[string]tftypes.Value{
		"pd_client_id": id, "pd_client_secret": secret, "pd_subdomain": subdomain,
	})}
}

// emulatedApp is the block of the emulated OAuth app.
func emulatedApp() given { return withAppBlock(str(appID), str(appSecret), str("acme")) }

// The values of the argument "credential".
var (
	checkUserToken = given{"credential": str("user_token")}
	checkApp       = given{"credential": str("app_oauth")}
)

// at returns a provider configuration that points to an emulator.
func at(s *pdfake.Server, provider given) given {
	return given{
		"api_url_override": str(s.URL()), "identity_url_override": str(s.IdentityURL()), "ca_cert_pem": str(s.CAPEM()),
		"timeout": str("5s"),
	}.with(provider)
}

// The three checks of the provider.
const (
	dataSourceCheck = "data source"
	ephemeralCheck  = "ephemeral resource"
	actionCheck     = "action"
)

var allChecks = []string{dataSourceCheck, ephemeralCheck, actionCheck}

const typeName, actionName = "pagerdutyauth_credential", "pagerdutyauth_verify"

// protocol is a provider that a test calls as Terraform does, without Terraform.
type protocol struct {
	t       *testing.T
	server  tfprotov6.ProviderServer
	actions tfprotov6.ProviderServerWithActions //nolint:staticcheck // ProviderServer itself has no actions yet
	schemas *tfprotov6.GetProviderSchemaResponse
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
		t.Fatal("the provider has no actions")
	}
	if p.schemas, err = server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *protocol) schema(check string) *tfprotov6.Schema {
	switch check {
	case dataSourceCheck:
		return p.schemas.DataSourceSchemas[typeName]
	case ephemeralCheck:
		return p.schemas.EphemeralResourceSchemas[typeName]
	}
	return p.schemas.ActionSchemas[actionName].Schema
}

// validateProvider validates a provider configuration.
func (p *protocol) validateProvider(provider given) result {
	p.t.Helper()
	resp, err := p.server.ValidateProviderConfig(p.t.Context(),
		&tfprotov6.ValidateProviderConfigRequest{Config: provider.encode(p.t, p.schemas.Provider)})
	if err != nil {
		p.t.Fatal(err)
	}
	return result{diagnostics: resp.Diagnostics}
}

// configure configures the provider, without validating.
func (p *protocol) configure(provider given) result {
	p.t.Helper()
	resp, err := p.server.ConfigureProvider(p.t.Context(), &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.14.0", Config: provider.encode(p.t, p.schemas.Provider),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return result{diagnostics: resp.Diagnostics}
}

// validate validates the arguments of a check.
func (p *protocol) validate(check string, args given) result {
	p.t.Helper()
	config := args.encode(p.t, p.schema(check))
	var diags []*tfprotov6.Diagnostic
	var err error
	switch check {
	case dataSourceCheck:
		var resp *tfprotov6.ValidateDataResourceConfigResponse
		resp, err = p.server.ValidateDataResourceConfig(p.t.Context(),
			&tfprotov6.ValidateDataResourceConfigRequest{TypeName: typeName, Config: config})
		diags = resp.Diagnostics
	case ephemeralCheck:
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
	return result{diagnostics: diags}
}

// check reads, opens or invokes, without validating.
func (p *protocol) check(check string, args given) (r result) {
	p.t.Helper()
	config := args.encode(p.t, p.schema(check))
	var state *tfprotov6.DynamicValue
	switch check {
	case dataSourceCheck:
		resp, err := p.server.ReadDataSource(p.t.Context(),
			&tfprotov6.ReadDataSourceRequest{TypeName: typeName, Config: config})
		if err != nil {
			p.t.Fatal(err)
		}
		r.diagnostics, state = resp.Diagnostics, resp.State
	case ephemeralCheck:
		resp, err := p.server.OpenEphemeralResource(p.t.Context(),
			&tfprotov6.OpenEphemeralResourceRequest{TypeName: typeName, Config: config})
		if err != nil {
			p.t.Fatal(err)
		}
		r.diagnostics, state = resp.Diagnostics, resp.Result
	default:
		r.progress, r.diagnostics = p.invoke(config)
	}
	if state == nil || len(r.errors()) > 0 {
		return r
	}
	value, err := state.Unmarshal(p.schema(check).ValueType())
	if err != nil {
		p.t.Fatal(err)
	}
	if value.IsFullyKnown() && !value.IsNull() {
		if err := value.As(&r.values); err != nil {
			p.t.Fatal(err)
		}
	}
	return r
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
	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			progress = append(progress, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			diags = e.Diagnostics
		}
	}
	return progress, diags
}

// run configures, validates and checks. It stops at the first error, as Terraform does.
func run(t *testing.T, check string, provider, args given) result {
	t.Helper()
	p := newProtocol(t)
	if r := p.validateProvider(provider); len(r.errors()) > 0 {
		return r
	}
	if r := p.configure(provider); len(r.errors()) > 0 {
		return r
	}
	if r := p.validate(check, args); len(r.errors()) > 0 {
		return r
	}
	return p.check(check, args)
}

// result is the response to a request of the protocol.
type result struct {
	diagnostics []*tfprotov6.Diagnostic
	values      map[string]tftypes.Value // the attributes of a check; nil without a result
	progress    []string                 // the messages of the action
}

func (r result) of(severity tfprotov6.DiagnosticSeverity) []*tfprotov6.Diagnostic {
	others := func(d *tfprotov6.Diagnostic) bool { return d.Severity != severity }
	return slices.DeleteFunc(slices.Clone(r.diagnostics), others)
}

func (r result) errors() []*tfprotov6.Diagnostic   { return r.of(tfprotov6.DiagnosticSeverityError) }
func (r result) warnings() []*tfprotov6.Diagnostic { return r.of(tfprotov6.DiagnosticSeverityWarning) }

// fails checks that the only error has this summary and points to this argument ("" for
// none), and that there is no result. It returns the detail.
func (r result) fails(t *testing.T, summary, argument string) string {
	t.Helper()
	all := r.errors()
	if len(all) != 1 || r.values != nil {
		t.Errorf("%d errors and %d values, want one error %q:%s", len(all), len(r.values), summary, r)
		return ""
	}
	if all[0].Summary != summary || rootOf(all[0]) != argument {
		t.Errorf("got %q on %q, want %q on %q:\n%s", all[0].Summary, rootOf(all[0]), summary, argument, all[0].Detail)
	}
	return all[0].Detail
}

// ends checks that the only error names this status and points to this argument ("" for
// none), and that there is no result. It returns the detail.
func (r result) ends(t *testing.T, status, argument string) string {
	t.Helper()
	all := r.errors()
	if len(all) != 1 || r.values != nil {
		t.Errorf("%d errors and %d values, want one error with the status %s:%s", len(all), len(r.values), status, r)
		return ""
	}
	if !strings.Contains(all[0].Detail, "\nStatus: "+status) || rootOf(all[0]) != argument {
		t.Errorf("want the status %s on %q:%s", status, argument, r)
	}
	return all[0].Detail
}

// passes checks that there is no diagnostic.
func (r result) passes(t *testing.T) {
	t.Helper()
	if len(r.diagnostics) > 0 {
		t.Errorf("it did not pass:%s", r)
	}
}

// text returns a string or bool of the result as text, "null" if it is null.
func (r result) text(t *testing.T, name string) string {
	t.Helper()
	v, ok := r.values[name]
	switch {
	case !ok:
		return "absent"
	case v.IsNull():
		return "null"
	case v.Type().Is(tftypes.Bool):
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

// String returns the diagnostics.
func (r result) String() string {
	var b strings.Builder
	for _, d := range r.diagnostics {
		b.WriteString("\n" + d.Severity.String() + " on " + strconv.Quote(rootOf(d)) + ": " + d.Summary + "\n" + d.Detail)
	}
	return b.String()
}

// rootOf returns the argument that a diagnostic points to, or "".
func rootOf(d *tfprotov6.Diagnostic) string {
	if d.Attribute == nil || len(d.Attribute.Steps()) == 0 {
		return ""
	}
	name, _ := d.Attribute.Steps()[0].(tftypes.AttributeName)
	return string(name)
}
