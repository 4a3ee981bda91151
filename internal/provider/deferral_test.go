package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What a check needs and is known only after apply defers it where the client allows
// that, and is an error elsewhere. Nothing is sent, and nothing stands in for it.
func TestDeferral(t *testing.T) {
	t.Parallel()
	app := arguments{"credential": word("app_oauth")}
	userToken := arguments{"credential": word("user_token")}
	same := with(userToken, arguments{"same_account_as_token": truth(true)})
	text, boolean := unknown(tftypes.String), unknown(tftypes.Bool)
	const whole, own = "PROVIDER_CONFIG_UNKNOWN", "RESOURCE_CONFIG_UNKNOWN"
	for name, c := range map[string]struct {
		surfaces        []string
		provider, check arguments
		summary         string // "" where nothing is missing
		argument        string
		reason          string
	}{
		"token":             {provider: arguments{"token": text}, summary: summaryUnknownToken, reason: whole},
		"token, not needed": {provider: arguments{"token": text, "user_token": word(tokenAda)}, check: userToken},
		"token, to compare": {
			provider: arguments{"token": text, "user_token": word(tokenAda)}, check: same,
			summary: summaryUnknownToken, reason: whole,
		},
		"user_token": {
			provider: arguments{"user_token": text}, check: userToken, summary: summaryUnknownToken,
			reason: whole,
		},
		"user_token, unused": {provider: arguments{"token": word(tokenAda), "user_token": text}},
		"client secret": {
			provider: arguments{appBlock: appBlockValue(word(appID), text, word("acme"))}, check: app,
			summary: summaryUnknownToken, reason: whole,
		},
		"client secret, unused": {
			provider: arguments{appBlock: appBlockValue(word(appID), text, word("acme")), "token": word(tokenAda)},
		},
		"identity host": {
			provider: with(appProvider(), arguments{"identity_url_override": text}), check: app,
			summary: summaryUnknown, reason: whole,
		},
		"identity host, unused": {provider: arguments{"token": word(tokenAda), "identity_url_override": text}},
		"service region": {
			provider: arguments{"token": word(tokenAda), "service_region": text}, summary: summaryUnknown, reason: whole,
		},
		"address": {
			provider: arguments{"token": word(tokenAda), "api_url_override": text}, summary: summaryUnknown, reason: whole,
		},
		"certificates": {
			provider: arguments{"token": word(tokenAda), "ca_cert_pem": text}, summary: summaryUnknown, reason: whole,
		},
		"skip": {
			provider: arguments{"token": word(tokenAda), "skip_credentials_validation": boolean},
			summary:  summaryUnknown, reason: whole,
		},
		"a token of its own": {
			surfaces: []string{ephemeralSurface}, provider: withToken(tokenAccount), check: arguments{"token": text},
			summary: summaryUnknownToken, argument: "token", reason: own,
		},
	} {
		if c.surfaces == nil {
			c.surfaces = surfaces
		}
		for _, surface := range c.surfaces {
			for _, allowed := range []bool{false, true} {
				t.Run(name+"/"+surface+map[bool]string{true: ", deferral"}[allowed], func(t *testing.T) {
					t.Parallel()
					server := startEmulator(t)
					p := newProtocol(t)
					p.deferral = allowed
					if diags := p.configure(at(server, c.provider)); len(diags) > 0 {
						t.Fatal(describe(diags))
					}
					a := p.check(surface, c.check)
					switch {
					case c.summary == "":
						a.passes(t)
						return
					case allowed && surface != actionSurface:
						a.passes(t)
						if a.deferred != c.reason || a.values != nil {
							t.Errorf("deferred: %q, want %q", a.deferred, c.reason)
						}
					default:
						a.fails(t, c.summary, c.argument)
						if a.deferred != "" {
							t.Error("it is deferred")
						}
					}
					if n := len(server.Requests()) + len(a.progress); n != 0 {
						t.Errorf("%d requests and messages", n)
					}
				})
			}
		}
	}
}

// A guard that is wrong is reported, not deferred.
func TestDeferral_invalidGuard(t *testing.T) {
	t.Parallel()
	for _, surface := range surfaces {
		p := newProtocol(t)
		p.deferral = true
		if diags := p.configure(arguments{"token": unknown(tftypes.String)}); len(diags) > 0 {
			t.Fatal(describe(diags))
		}
		p.check(surface, arguments{"allowed_subdomains": words()}).fails(t, summaryGuard, "allowed_subdomains")
	}
}
