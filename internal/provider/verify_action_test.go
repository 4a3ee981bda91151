package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// dynamic is an object of a schema's type; what is not given is null.
func dynamic(tb testing.TB, schema *tfprotov6.Schema, given map[string]tftypes.Value) *tfprotov6.DynamicValue {
	tb.Helper()
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		tb.Fatal("the schema is no object")
	}
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
		if v, ok := given[name]; ok {
			values[name] = v
		}
	}
	v, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		tb.Fatal(err)
	}
	return &v
}

func word(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }

func words(all ...string) tftypes.Value {
	values := make([]tftypes.Value, len(all))
	for i, s := range all {
		values[i] = word(s)
	}
	return tftypes.NewValue(tftypes.Set{ElementType: tftypes.String}, values)
}

// invoke runs the action as Terraform does: validate, plan, invoke. It works
// without a Terraform that knows actions.
func invoke(t *testing.T, s *pdfake.Server, provider, action map[string]tftypes.Value) (progress []string, diags []*tfprotov6.Diagnostic) {
	t.Helper()
	ctx := t.Context()
	raw, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	server, ok := raw.(tfprotov6.ProviderServerWithActions) //nolint:staticcheck // ProviderServer itself has no actions yet
	if !ok {
		t.Fatal("the provider serves no actions")
	}
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	arguments := map[string]tftypes.Value{"api_url_override": word(s.URL()), "ca_cert_pem": word(s.CAPEM()), "timeout": word("3s")}
	for name, v := range provider {
		arguments[name] = v
	}
	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.14.0", Config: dynamic(t, schemas.Provider, arguments)})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatalf("Configure: %v, %v", err, configured.Diagnostics)
	}
	config := dynamic(t, schemas.ActionSchemas["pagerdutyauth_verify"].Schema, action)
	validated, err := server.ValidateActionConfig(ctx, &tfprotov6.ValidateActionConfigRequest{ActionType: "pagerdutyauth_verify", Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if len(validated.Diagnostics) > 0 {
		return nil, validated.Diagnostics
	}
	planned, err := server.PlanAction(ctx, &tfprotov6.PlanActionRequest{ActionType: "pagerdutyauth_verify", Config: config})
	if err != nil || len(planned.Diagnostics) > 0 {
		t.Fatalf("plan: %v, %v", err, planned.Diagnostics)
	}
	if n := len(s.Requests()); n != 0 {
		t.Errorf("%d requests before it is invoked", n)
	}
	stream, err := server.InvokeAction(ctx, &tfprotov6.InvokeActionRequest{ActionType: "pagerdutyauth_verify", Config: config})
	if err != nil {
		t.Fatal(err)
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
		t.Errorf("completed %d times", completed)
	}
	return progress, diags
}

func TestVerify_invoke(t *testing.T) {
	t.Parallel()
	app := func(s *pdfake.Server) map[string]tftypes.Value {
		values := map[string]tftypes.Value{"pd_client_id": word(appID), "pd_client_secret": word(appSecret), "pd_subdomain": word("acme")}
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"pd_client_id": tftypes.String, "pd_client_secret": tftypes.String, "pd_subdomain": tftypes.String}}
		return map[string]tftypes.Value{"identity_url_override": word(s.IdentityURL()), appBlock: tftypes.NewValue(object, values)}
	}
	token := func(name, value string) func(*pdfake.Server) map[string]tftypes.Value {
		return func(*pdfake.Server) map[string]tftypes.Value { return map[string]tftypes.Value{name: word(value)} }
	}
	for name, c := range map[string]struct {
		provider func(*pdfake.Server) map[string]tftypes.Value
		action   map[string]tftypes.Value
		progress []string // parts of the messages, in order
		severity tfprotov6.DiagnosticSeverity
		summary  string
		requests int
	}{
		"user key": {
			provider: token("token", keyAda), action: map[string]tftypes.Value{"allowed_subdomains": words("acme")},
			progress: []string{"token, ****0001 (from provider configuration)", `Ada Lovelace (ada@acme.example, role admin), PADA001, of the account "acme" in the service region "us"`}, requests: 1,
		},
		"account key": {provider: token("token", keyAccount), progress: []string{"****0002", `a key of the account "acme" in the service region "us", tied to no user`}, requests: 2},
		"user token": {
			provider: token("user_token", keyAda), action: map[string]tftypes.Value{"credential": word("user_token")},
			progress: []string{"user_token, ****0001", "Ada Lovelace"}, requests: 1,
		},
		"OAuth app": {
			provider: app, action: map[string]tftypes.Value{"credential": word("app_oauth"), "required_scopes": words("users.read")},
			progress: []string{"app_oauth, ****W7qp", `an OAuth app with the scopes "users.read", of the account "acme"`}, requests: 2,
		},
		"user without a page": {
			provider: token("token", keyNoURL), progress: []string{"****0011", "No Page", "an account whose subdomain PagerDuty did not tell"},
			severity: tfprotov6.DiagnosticSeverityWarning, summary: summaryIncomplete, requests: 1,
		},
		"not verified": {
			provider: func(*pdfake.Server) map[string]tftypes.Value {
				return map[string]tftypes.Value{"token": word(keyAda), "skip_credentials_validation": tftypes.NewValue(tftypes.Bool, true)}
			},
			progress: []string{`"skip_credentials_validation" is true`},
		},
		"rejected": {provider: token("token", keyRevoked), progress: []string{"****0004"}, severity: tfprotov6.DiagnosticSeverityError, summary: summaryUnauthorized, requests: 1},
		"not allowed": {
			provider: token("token", keyOther), action: map[string]tftypes.Value{"allowed_subdomains": words("acme")}, progress: []string{"****0006"},
			severity: tfprotov6.DiagnosticSeverityError, summary: summaryNotAllowed, requests: 2,
		},
		"malformed": {provider: token("token", keyAda+"\n"), progress: []string{"****"}, severity: tfprotov6.DiagnosticSeverityError, summary: summaryMalformed},
		"invalid guard": {
			provider: token("token", keyAda), action: map[string]tftypes.Value{"allowed_subdomains": words("https://acme.pagerduty.com")},
			severity: tfprotov6.DiagnosticSeverityError, summary: summaryGuard,
		},
		"unknown token": {
			provider: func(*pdfake.Server) map[string]tftypes.Value {
				return map[string]tftypes.Value{"token": tftypes.NewValue(tftypes.String, tftypes.UnknownValue)}
			},
			severity: tfprotov6.DiagnosticSeverityError, summary: summaryUnknownToken,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := world(t, withApp("users.read"))
			progress, diags := invoke(t, s, c.provider(s), c.action)
			if got := strings.Join(progress, "\n"); len(progress) > 2 {
				t.Errorf("%d messages:\n%s", len(progress), got)
			}
			rest := strings.Join(progress, "\n")
			for _, part := range c.progress {
				_, after, found := strings.Cut(rest, part)
				if !found {
					t.Errorf("the messages lack %q:\n%s", part, strings.Join(progress, "\n"))
				}
				rest = after
			}
			switch {
			case c.summary == "" && len(diags) > 0:
				t.Errorf("%s: %s", diags[0].Summary, diags[0].Detail)
			case c.summary != "" && (len(diags) != 1 || diags[0].Summary != c.summary || diags[0].Severity != c.severity):
				t.Errorf("%d diagnostics, want one %s %q", len(diags), c.severity, c.summary)
			}
			said := c.severity == tfprotov6.DiagnosticSeverityError
			if strings.Contains(strings.Join(progress, "\n"), "accepted the credential") == said && c.summary != "" {
				t.Errorf("the messages and the diagnostics disagree:\n%s", strings.Join(progress, "\n"))
			}
			if n := len(s.Requests()); n != c.requests {
				t.Errorf("%d requests, want %d", n, c.requests)
			}
			for _, secret := range []string{keyAda, keyAccount, keyOther, keyRevoked, appSecret} {
				if strings.Contains(strings.Join(progress, "\n"), secret) {
					t.Error("a message holds the credential")
				}
			}
		})
	}
}

// The action invoked by hand: it tells who the token is, or fails with the data
// source's words.
func TestAccVerify_invoke(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := newBench(t, block(s, "")+"action \"pagerdutyauth_verify\" \"this\" {\n  config {\n    allowed_subdomains = [\"acme\"]\n  }\n}\n")
	b.needs(1, 14, 0, 0)
	run := func(key string) outcome {
		return b.with(key).terraformRun("apply", "-json", "-auto-approve", "-input=false", "-invoke=action.pagerdutyauth_verify.this")
	}
	o := run(keyAda)
	o.passed(t)
	if !strings.Contains(o.output, "Ada Lovelace (ada@acme.example") {
		t.Errorf("it does not tell who the token is:\n%s", o.output)
	}
	for key, summary := range map[string]string{keyRevoked: summaryUnauthorized, keyOther: summaryNotAllowed} {
		o := run(key)
		if !o.failed || !o.says(summary) {
			t.Errorf("it was not stopped with %q:\n%s", summary, o.output)
		}
	}
}

// A trigger that fails blocks its own resource, and what depends on it.
func TestAccVerify_trigger(t *testing.T) {
	t.Parallel()
	s := world(t)
	b := example(t, "action-trigger", s)
	b.needs(1, 14, 0, 0)
	o := b.with(keyRevoked).apply()
	if !o.failed || !o.says(summaryUnauthorized) {
		t.Errorf("it was not stopped:\n%s", o.output)
	}
	if created := b.resources(); !slices.Equal(created, []string{"terraform_data.beside"}) {
		t.Errorf("not only the guarded resource was blocked: %q was created", created)
	}
	b.with(keyAda).apply().passed(t)
	if created := b.resources(); !slices.Contains(created, "terraform_data.guarded") {
		t.Errorf("the guarded resource was not created, but %q", created)
	}
	if got := paths(s); !slices.Equal(got, []string{"GET /users/me", "GET /users/me"}) {
		t.Errorf("requests %q, want one for each apply", got)
	}
}

// says looks for a diagnostic's text. Terraform wraps what an action reports
// into a diagnostic of its own.
func (o outcome) says(text string) bool {
	return slices.ContainsFunc(o.diagnostics, func(d jsonDiagnostic) bool {
		return d.Severity == "error" && strings.Contains(flat(d.Summary+" "+d.Detail), text)
	})
}
