package provider

import (
	"strings"
	"testing"
)

// Both credentials must belong to one account, and the comparison fails closed.
func TestSameAccount(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		token, userToken string // no user token: the OAuth app
		summary          string
	}{
		"same":                       {token: keyAccount, userToken: keyAda},
		"another":                    {token: keyOther, userToken: keyAda, summary: summaryNotAllowed},
		"app, same":                  {token: keyAccount},
		"app, another":               {token: keyOther, summary: summaryNotAllowed},
		"token rejected":             {token: keyRevoked, userToken: keyAda, summary: summaryUndecided},
		"token malformed":            {token: "'" + keyAda + "'", userToken: keyAda, summary: summaryUndecided},
		"no token":                   {userToken: keyAda, summary: summaryUndecided},
		"user token without account": {token: keyAccount, userToken: keyNoURL, summary: summaryUndecided},
	} {
		for _, surface := range surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				s := world(t, withApp("users.read"))
				provider := with(withToken(c.token), arguments{"user_token": word(c.userToken)})
				check := arguments{"credential": word("user_token")}
				if c.userToken == "" {
					provider, check = with(provider, appProvider()), anApp(nil)
				}
				a := run(t, surface, at(s, provider), with(check, arguments{"same_account_as_token": truth(true)}))
				if c.summary == "" {
					a.passes(t)
					return
				}
				a.fails(t, c.summary, "same_account_as_token")
			})
		}
	}
}

// It is the provider's token that accounts are compared with.
func TestSameAccount_providersToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	provider := with(withToken(keyOther), arguments{"user_token": word(keyAda)})
	check := arguments{"credential": word("user_token"), "same_account_as_token": truth(true), "token": word(keyAccount)}
	run(t, ephemeralSurface, at(s, provider), check).fails(t, summaryTwoTokens, "token")
}

// The user token is checked like the token, under its own names, and neither stands
// in for the other.
func TestAccUserToken(t *testing.T) {
	t.Parallel()
	s := world(t)
	// Through a local: Terraform 1.0 and 1.1 know nothing of what is in "user" where a
	// reference leads to it directly.
	b := newBench(t, block(s, "")+`data "pagerdutyauth_credential" "this" {
  credential = "user_token"
}
locals {
  user = data.pagerdutyauth_credential.this.user
}
output "who" {
  value = join(" ", [local.user.email, data.pagerdutyauth_credential.this.token_source])
}
`)
	b.setenv("PAGERDUTY_TOKEN", keyAccount)
	if d := b.plan().one(t); d.Summary != summaryNoUserToken || !strings.Contains(d.Detail, "PAGERDUTY_USER_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	b.setenv("PAGERDUTY_USER_TOKEN", keyAda)
	if o := b.apply(); o.outputs["who"] != "ada@acme.example PAGERDUTY_USER_TOKEN" {
		t.Errorf("%v\n%s", o.outputs["who"], o.output)
	}
	b.setenv("PAGERDUTY_USER_TOKEN", keyRevoked)
	if d := b.plan().one(t); d.Summary != summaryUnauthorized || !strings.Contains(d.Detail, "PAGERDUTY_USER_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	for _, r := range s.Requests() {
		if r.Token == keyAccount {
			t.Error("the token was sent in the user token's place")
		}
	}
}

// A user_token stands for a user: Slack connections take no account API token.
func TestUserToken_ofAnAccount(t *testing.T) {
	t.Parallel()
	userToken := arguments{"user_token": word(keyAccount)}
	skip := arguments{"skip_credentials_validation": truth(true)}
	for name, c := range map[string]struct {
		provider, check arguments
		summary         string
	}{
		"a user's":       {provider: arguments{"user_token": word(keyAda)}},
		"an account's":   {provider: userToken, summary: summaryNotAllowed},
		"allowed":        {provider: userToken, check: arguments{"allowed_token_types": words("account", "user")}},
		"skipped":        {provider: with(userToken, skip)},
		"checked as one": {provider: withToken(keyAccount), check: arguments{"credential": word("token")}},
	} {
		for _, surface := range surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				check := with(arguments{"credential": word("user_token")}, c.check)
				a := run(t, surface, at(world(t), c.provider), check)
				if c.summary == "" {
					a.passes(t)
					return
				}
				a.fails(t, c.summary, "credential")
			})
		}
	}
}
