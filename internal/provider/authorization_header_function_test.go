package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

// callAuthorizationHeader calls the function as Terraform does. refusal is the error's
// text.
func callAuthorizationHeader(t *testing.T, token string) (header, refusal string) {
	t.Helper()
	server, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	argument, err := tfprotov6.NewDynamicValue(tftypes.String, str(token))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
		Name: "authorization_header", Arguments: []*tfprotov6.DynamicValue{&argument},
	})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		if resp.Error.FunctionArgument == nil || *resp.Error.FunctionArgument != 0 {
			t.Error("the error does not name its argument")
		}
		return "", resp.Error.Text
	}
	v, err := resp.Result.Unmarshal(tftypes.String)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.As(&header); err != nil {
		t.Fatal(err)
	}
	return header, ""
}

func TestAuthorizationHeader(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ token, header, refusal string }{
		"user API token": {token: tokenAda, header: "Token token=" + tokenAda},
		"unusual":        {token: "x+1y", header: "Token token=x+1y"},
		"empty":          {refusal: "empty"},
		"newline":        {token: marker + "\n", refusal: "line break (character 21 of 21)"},
		"prefix":         {token: "Token token=" + marker, refusal: "prefix"},
		"header break":   {token: marker + "\r\nX-Evil: 1", refusal: "character 21"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, refusal := callAuthorizationHeader(t, c.token)
			if header != c.header || !strings.Contains(refusal, c.refusal) || (refusal == "") != (c.refusal == "") {
				t.Errorf("a header of %d characters and %q, want %d and %q", len(header), refusal, len(c.header), c.refusal)
			}
			searchLeaks(t, "the error", refusal)
		})
	}
}

// The result is sensitive, ephemeral or unknown if the argument is.
func TestAccAuthorizationHeader(t *testing.T) {
	t.Parallel()
	const call = "provider::pagerdutyauth::authorization_header"
	variable := func(kind string) string {
		return "variable \"token\" {\n  type = string\n  " + kind + " = true\n}\n" +
			"output \"header\" {\n  value = " + call + "(var.token)\n}\n"
	}
	for name, c := range map[string]struct{ config, refusal string }{
		"known": {config: "output \"header\" {\n  value = " + call + "(\"" + tokenAda + "\")\n}\n"},
		"unknown": {config: "resource \"terraform_data\" \"token\" {\n  input = \"" + tokenAda + "\"\n}\n" +
			"output \"header\" {\n  value = " + call + "(terraform_data.token.output)\n}\n"},
		"null":      {config: "output \"header\" {\n  value = " + call + "(null)\n}\n", refusal: "null"},
		"sensitive": {config: variable("sensitive"), refusal: "sensitive"},
		"ephemeral": {config: variable("ephemeral"), refusal: "phemeral"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := newProject(t, c.config)
			tf.needsFeature(tfrun.Functions)
			if name == "ephemeral" {
				tf.needsFeature(tfrun.EphemeralResources)
			}
			tf.setenv("TF_VAR_token", marker)
			o := tf.apply()
			searchLeaks(t, "the output", o.output)
			if c.refusal == "" {
				o.passed(t)
				if o.outputs["header"] != "Token token="+tokenAda {
					t.Errorf("got %v", o.outputs["header"])
				}
				return
			}
			if d := o.one(t); !strings.Contains(flat(d.Summary+" "+d.Detail), c.refusal) {
				t.Errorf("want %q: %s: %s", c.refusal, d.Summary, d.Detail)
			}
		})
	}
}
