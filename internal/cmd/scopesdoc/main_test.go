package main

import (
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/scopes"
)

func TestTables(t *testing.T) {
	t.Parallel()
	read, write := scopes.Scope{Name: "a.read"}, scopes.Scope{Name: "b.write", Conditional: true}
	got := tables(scopes.Table{ProviderVersion: "1.2.3", SchemaDate: "2026-01-02", Types: []scopes.Type{
		{Name: "data.pagerduty_a", App: scopes.AppWorks, Plan: []scopes.Scope{read}, Missing: "never ends"},
		{Name: "data.pagerduty_b", App: scopes.AppUndocumented, Note: "Why."},
		{
			Name: "pagerduty_a", App: scopes.AppWorks, Plan: []scopes.Scope{read},
			Apply: []scopes.Scope{{Name: "a.write"}, write}, Note: "When.",
		},
		{Name: "pagerduty_c", App: scopes.AppUserToken},
		{Name: "pagerduty_d", App: scopes.AppNotRequested, Plan: []scopes.Scope{read}, Apply: []scopes.Scope{read}},
	}})
	const want = "The tables are for version 1.2.3 of the official provider and PagerDuty's API schema of 2026-01-02.\n" +
		`
### Resources

| type | plan | apply, in addition | missing scope | notes |
|---|---|---|---|---|
| ` + "`pagerduty_a` | `a.read` | `a.write`, `b.write`\\*" + ` |  | When. |
| ` + "`pagerduty_c`" + ` | user API token | user API token |  |  |
| ` + "`pagerduty_d` | `a.read` (not requested) | `a.read` (not requested)" + ` |  |  |

### Data sources

| type | plan | missing scope | notes |
|---|---|---|---|
| ` + "`data.pagerduty_a` | `a.read`" + ` | never ends |  |
| ` + "`data.pagerduty_b`" + ` | not documented |  | Why. |`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
