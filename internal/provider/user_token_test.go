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
		"same":                       {token: tokenAccount, userToken: tokenAda},
		"another":                    {token: tokenSandbox, userToken: tokenAda, summary: summaryNotAllowed},
		"app, same":                  {token: tokenAccount},
		"app, another":               {token: tokenSandbox, summary: summaryNotAllowed},
		"token rejected":             {token: tokenRevoked, userToken: tokenAda, summary: summaryUndecided},
		"token malformed":            {token: "'" + tokenAda + "'", userToken: tokenAda, summary: summaryUndecided},
		"no token":                   {userToken: tokenAda, summary: summaryUndecided},
		"user token without account": {token: tokenAccount, userToken: tokenNoURL, summary: summaryUndecided},
	} {
		for _, surface := range surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				s := startEmulator(t, withApp("users.read"))
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
	s := startEmulator(t)
	provider := with(withToken(tokenSandbox), arguments{"user_token": word(tokenAda)})
	check := arguments{"credential": word("user_token"), "same_account_as_token": truth(true), "token": word(tokenAccount)}
	run(t, ephemeralSurface, at(s, provider), check).fails(t, summaryTwoTokens, "credential")
}

// The user token is checked like the token, under its own names, and neither stands
// in for the other.
func TestAccUserToken(t *testing.T) {
	t.Parallel()
	s := startEmulator(t)
	// Through a local: Terraform 1.0 and 1.1 know nothing of what is in "user" where a
	// reference leads to it directly.
	tf := newProject(t, block(s, "")+`data "pagerdutyauth_credential" "this" {
  credential = "user_token"
}
locals {
  user = data.pagerdutyauth_credential.this.user
}
output "who" {
  value = join(" ", [local.user.email, data.pagerdutyauth_credential.this.token_source])
}
`)
	tf.setenv("PAGERDUTY_TOKEN", tokenAccount)
	if d := tf.plan().one(t); d.Summary != summaryNoUserToken || !strings.Contains(d.Detail, "PAGERDUTY_USER_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	tf.setenv("PAGERDUTY_USER_TOKEN", tokenAda)
	if o := tf.apply(); o.outputs["who"] != "ada@acme.example PAGERDUTY_USER_TOKEN" {
		t.Errorf("%v\n%s", o.outputs["who"], o.output)
	}
	tf.setenv("PAGERDUTY_USER_TOKEN", tokenRevoked)
	if d := tf.plan().one(t); d.Summary != summaryUnauthorized || !strings.Contains(d.Detail, "PAGERDUTY_USER_TOKEN") {
		t.Errorf("%s: %s", d.Summary, d.Detail)
	}
	for _, r := range s.Requests() {
		if r.Token == tokenAccount {
			t.Error("the token was sent in the user token's place")
		}
	}
}

// A user_token stands for a user: Slack connections take no account API token.
func TestUserToken_ofAnAccount(t *testing.T) {
	t.Parallel()
	userToken := arguments{"user_token": word(tokenAccount)}
	skip := arguments{"skip_credentials_validation": truth(true)}
	for name, c := range map[string]struct {
		provider, check arguments
		summary         string
	}{
		"a user's":       {provider: arguments{"user_token": word(tokenAda)}},
		"an account's":   {provider: userToken, summary: summaryNotAllowed},
		"allowed":        {provider: userToken, check: arguments{"allowed_token_types": words("account", "user")}},
		"skipped":        {provider: with(userToken, skip)},
		"checked as one": {provider: withToken(tokenAccount), check: arguments{"credential": word("token")}},
	} {
		for _, surface := range surfaces {
			t.Run(name+"/"+surface, func(t *testing.T) {
				t.Parallel()
				check := with(arguments{"credential": word("user_token")}, c.check)
				a := run(t, surface, at(startEmulator(t), c.provider), check)
				if c.summary == "" {
					a.passes(t)
					return
				}
				a.fails(t, c.summary, "credential")
			})
		}
	}
}
