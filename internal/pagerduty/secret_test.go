package pagerduty_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// No printer and no encoder shows a secret, wherever in a value it is.
func TestSecret_printsNothing(t *testing.T) {
	t.Parallel()
	const text = "u+PrintedTestToken01"
	secret := pagerduty.NewSecret(text)
	auth := pagerduty.APIToken(secret)
	app := pagerduty.App{ClientID: "id", ClientSecret: secret}
	grant := pagerduty.Grant{AccessToken: secret}
	type hidden struct {
		secret pagerduty.Secret
		auth   pagerduty.Authorization
		app    pagerduty.App
		list   []pagerduty.Secret
		table  map[pagerduty.Secret]pagerduty.Authorization
	}
	inside := hidden{
		secret, auth, app, []pagerduty.Secret{secret}, map[pagerduty.Secret]pagerduty.Authorization{secret: auth},
	}
	values := []any{secret, &secret, auth, &auth, app, &app, grant, &grant, inside, &inside, []any{inside}}
	leaks := func(out string) bool {
		return strings.Contains(out, text[4:]) || strings.Contains(strings.ToLower(out), fmt.Sprintf("%x", text[4:]))
	}
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p", "%t"} {
			if leaks(fmt.Sprintf(verb, value)) {
				t.Errorf("%s of %T prints the secret", verb, value)
			}
		}
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
		encoded, _ := json.Marshal(value) // a map's key may be refused
		if leaks(log.String()) || leaks(string(encoded)) {
			t.Errorf("%T is encoded with the secret", value)
		}
	}
	if secret.Reveal() != text || secret != pagerduty.NewSecret(text) || !pagerduty.NewSecret("").IsZero() {
		t.Error("a secret is not itself")
	}
	if (pagerduty.Secret{}).Reveal() != "" {
		t.Error("the zero secret holds something")
	}
}
