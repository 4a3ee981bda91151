package main

import (
	"bytes"
	"cmp"
	"net/http"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// TestPrintRequest shows no more of a token than its last 4 characters, wherever a request has it.
func TestPrintRequest(t *testing.T) {
	t.Parallel()
	const token, us, identity = "u+RealSecretKey9zQ7x", pdfake.RegionUS, pdfake.ListenerIdentity
	for _, tc := range []struct {
		request pdfake.Request
		header  string
		want    string
	}{
		{request: pdfake.Request{Listener: us, Token: token}, want: "unknown token ****zQ7x"},
		{request: pdfake.Request{Listener: us, Token: tfrun.TokenReadOnly}, want: "read-only token ****0003"},
		{request: pdfake.Request{Listener: us, Token: "pdus+" + token}, want: "access token ****zQ7x"},
		{request: pdfake.Request{Listener: us}, header: token, want: "malformed Authorization header"},
		{request: pdfake.Request{Listener: us}, want: "no credential"},
		{request: pdfake.Request{Listener: us, Path: "/users/" + token}, want: "/users/****zQ7x"},
		{request: pdfake.Request{Listener: us, Path: "//u:" + token + "@host/users"}, want: "****zQ7x@host/users"},
		{request: pdfake.Request{Listener: us, Method: strings.ReplaceAll(token, "+", "u")}, want: "****zQ7x /"},
		{
			request: pdfake.Request{Listener: us, Path: "/abilities/preview_intelligent_alert_grouping"},
			want:    "/abilities/preview_intelligent_alert_grouping ",
		},
		{request: pdfake.Request{Listener: identity, Token: app.ID}, want: "OAuth app ****d-08"},
	} {
		tc.request.Header = http.Header{}
		if tc.header != "" {
			tc.request.Header.Set("Authorization", tc.header)
		}
		tc.request.Path = cmp.Or(tc.request.Path, "/")
		var out bytes.Buffer
		(&emulator{out: &out}).printRequest(tc.request)
		if got := out.String(); !strings.Contains(got, tc.want) || strings.Contains(got, "RealSecret") {
			t.Errorf("the line for %q lacks it, or has the token", tc.want)
		}
	}
}

func TestLastFour(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"": "****", "short": "****", "1234567": "****", "12345678": "****5678", "token\x1b[0m": "****?[0m",
	} {
		if got := lastFour(value); got != want {
			t.Errorf("%q is shown as %q", value, got)
		}
	}
	if got := printable(strings.Repeat("x", 100)); len(got) != 83 {
		t.Errorf("%d characters", len(got))
	}
}
