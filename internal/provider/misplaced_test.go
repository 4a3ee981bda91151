package provider

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

// A credential that was configured in the wrong place is in no message, whichever check it
// is: neither the one that is checked nor one that is only configured.
func TestMisplacedCredentials(t *testing.T) {
	t.Parallel()
	const misplaced = "uMqzWkxvbNtrYp0001x7" // could be a subdomain
	s := startEmulator(t)
	app := appBlockValue(word(appID), word(misplaced), word("acme"))
	for name, provider := range map[string]arguments{
		"user_token":       {"token": word(tokenAda), "user_token": word(misplaced)},
		"pd_client_secret": {"token": word(tokenAda), appBlock: app},
	} {
		for argument, value := range map[string]any{
			"allowed_subdomains": nil, "allowed_roles": nil, "required_abilities": nil, "allowed_user_emails": "x@",
			"allowed_service_regions": nil, "allowed_token_types": nil, "credential": "",
		} {
			for _, surface := range surfaces {
				given := words(misplaced)
				switch value {
				case "":
					given = word(misplaced)
				case "x@":
					given = words("x@" + misplaced)
				}
				a := run(t, surface, at(s, provider), arguments{argument: given})
				if len(a.errors()) == 0 {
					t.Errorf("%s as %q passed (%s)", name, argument, surface)
				}
				noPart(t, name+" as "+argument, misplaced, describe(a.diagnostics)+strings.Join(a.progress, ""))
			}
		}
	}
	for argument, provider := range map[string]arguments{
		"pd_subdomain": {
			"token": word(misplaced), appBlock: appBlockValue(word(appID), word(appSecret), word(misplaced)),
		},
		"service_region":   {"token": word(misplaced), "service_region": word(misplaced)},
		"timeout":          {"token": word(misplaced), "timeout": word(misplaced)},
		"ca_cert_file":     {"token": word(misplaced), "ca_cert_file": word("/" + misplaced), "ca_cert_pem": word("")},
		"ca_cert_pem":      {"token": word(misplaced), "ca_cert_pem": word(misplaced)},
		"api_url_override": {"token": word(misplaced), "api_url_override": word(misplaced)},
	} {
		a := run(t, dataSurface, at(s, provider), arguments{"credential": word("app_oauth")})
		if len(a.errors()) == 0 {
			t.Errorf("a token as %q passed", argument)
		}
		noPart(t, argument, misplaced, describe(a.diagnostics))
	}
}

// An identity host that does not name the scopes it granted is taken to have granted what
// it was asked for. A credential among these is no scope, in no result and in no message.
func TestMisplacedCredentials_scope(t *testing.T) {
	t.Parallel()
	app := pdfake.OAuthClient{
		ID: appID, Secret: "uMqzWkxvbNtrYp0001x7", Account: "acme", Scopes: []string{"users.read"},
	}
	s := startEmulator(t, pdfake.WithOAuthClient(app),
		pdfake.WithFaults(pdfake.Fault{Listener: pdfake.ListenerIdentity, Behaviour: pdfake.GrantWithoutScope()}))
	provider := arguments{
		appBlock: appBlockValue(word(app.ID), word(app.Secret), word("acme")), "user_token": word(marker),
	}
	for what, secret := range map[string]string{"pd_client_secret": app.Secret, "user_token": marker} {
		for _, surface := range surfaces {
			given := anApp(arguments{"required_scopes": words(secret)})
			if surface == dataSurface {
				given["on_failure"] = word("warning")
			}
			a := run(t, surface, at(s, provider), given)
			if len(a.diagnostics) == 0 {
				t.Errorf("%s as a scope passed (%s)", what, surface)
			}
			shown := describe(a.diagnostics) + strings.Join(a.progress, "") + a.values["scopes"].String()
			noPart(t, what+" as a scope", secret, shown)
		}
	}
}

// A gateway sees each credential that is checked through it, and can quote one where
// another is checked.
func TestQuotedElsewhere(t *testing.T) {
	t.Parallel()
	const other = "uMqzWkxvbNtrYp0001x7" // could be a request ID
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", other)
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"error":{"message":"seen: `+other+`","code":2010}}`)
	}))
	t.Cleanup(s.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	detail := run(t, dataSurface, arguments{
		"token": word(tokenAda), "user_token": word(other), "api_url_override": word(s.URL), "ca_cert_pem": word(string(ca)),
	}, nil).fails(t, explain.SummaryForbidden, "")
	noPart(t, "what was quoted", other, detail)
}

// noPart fails where a text has 6 characters of a secret in a row, in any case.
func noPart(t *testing.T, what, secret, text string) {
	t.Helper()
	text, secret = strings.ToLower(text), strings.ToLower(secret)
	for i := 0; i+6 <= len(secret); i++ {
		if strings.Contains(text, secret[i:i+6]) {
			t.Errorf("%s: a part of the credential is shown", what)
			return
		}
	}
}

// Terraform shows the line of the configuration that an error points to: none of ours
// points to one with a token in it.
func TestAccSecrecy_literalToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	for name, check := range map[string]string{
		"two credentials": "  credential = \"user_token\"\n",
		"rejected":        "",
		"guard":           "  allowed_roles = [\"owner\"]\n",
	} {
		tf := newProject(t, block(s, "")+fmt.Sprintf(
			"ephemeral \"pagerdutyauth_credential\" \"this\" {\n  token = %q\n%s}\n", marker, check))
		tf.needs(1, 10, 1, 11)
		o := tf.terraformRun("plan", "-no-color", "-input=false")
		if !o.failed {
			t.Errorf("%s: it did not fail:\n%s", name, o.output)
		}
		searchLeaks(t, name, o.output)
	}
}
