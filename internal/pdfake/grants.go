package pdfake

import (
	"net/http"
	"slices"
	"strings"
)

// Grant has the mint answer 200 with a token of exactly these scopes, separated by spaces,
// whatever was asked for: "openid" alone is what the user flow grants for a wrong scope [D]. A
// scope "as_account-us.other" gives a token of that account where the server has it. A request
// that the mint refuses is refused as always, and requests to other paths are answered normally.
func Grant(scope string) Behaviour {
	return granting("Grant", func(c *call, g *grant) {
		g.scopes = strings.Fields(scope)
		g.shown = scope
		for _, a := range c.s.accounts {
			if slices.Contains(g.scopes, accountScope(a)) {
				g.account = a
			}
		}
	})
}

// GrantOtherAccount has the mint answer 200 with the scopes that it would have granted, but with
// the account replaced. The token is of that account where the server has it.
func GrantOtherAccount(region, subdomain string) Behaviour {
	return granting("GrantOtherAccount", func(c *call, g *grant) {
		other := &Account{Region: region, Subdomain: subdomain}
		for i, sc := range g.scopes {
			if strings.HasPrefix(sc, accountScopePrefix) {
				g.scopes[i] = accountScope(other)
			}
		}
		g.shown = strings.Join(g.scopes, " ")
		if a, err := c.s.account(subdomain); err == nil && a.Region == region {
			g.account = a
		}
	})
}

// GrantWithoutAccount has the mint leave the account out of the scope that it answers, and no
// more: what the token may do stays [?].
func GrantWithoutAccount() Behaviour {
	return granting("GrantWithoutAccount", func(_ *call, g *grant) {
		g.shown = strings.Join(slices.DeleteFunc(slices.Clone(g.scopes), func(sc string) bool {
			return strings.HasPrefix(sc, accountScopePrefix)
		}), " ")
	})
}

// GrantWithoutScope has the mint leave the field "scope" out of the answer, which then granted
// what was asked for (RFC 6749, section 5.1).
func GrantWithoutScope() Behaviour {
	return granting("GrantWithoutScope", func(_ *call, g *grant) { g.shown = nil })
}

func granting(name string, change func(c *call, g *grant)) Behaviour {
	return Behaviour{name: name, serve: func(c *call) bool {
		if c.listener != ListenerIdentity || c.path != "/oauth/token" || c.r.Method != http.MethodPost {
			return false
		}
		if g, ok := c.grant(); ok {
			change(c, &g)
			c.issue(g)
		}
		return true
	}}
}
