package preflight

import (
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
)

// A proxy's answer to CONNECT is no status of the API's.
func TestCheck_proxyStatus(t *testing.T) {
	t.Parallel()
	a := &api{fail: map[string]error{
		"/users/me": &pagerduty.Error{Kind: pagerduty.KindProxyStatus, Status: 403, Path: "/users/me"},
	}}
	checker := &Checker{API: a, Region: "us", Timeout: DefaultTimeout}
	r := checker.Check(t.Context(), tokenCredential(KindToken), Expectations{})
	if r.Status != Unreachable || r.HTTPStatus != 0 {
		t.Errorf("%s, HTTP status %d", r.Status, r.HTTPStatus)
	}
}
