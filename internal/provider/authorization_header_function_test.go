package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// callHeader calls the function as Terraform does. Of what it refuses, refused is the
// text that is shown.
func callHeader(t *testing.T, token string) (header, refused string) {
	t.Helper()
	server, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	argument, err := tfprotov6.NewDynamicValue(tftypes.String, word(token))
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
	for name, c := range map[string]struct{ token, header, refused string }{
		"user API token":    {token: tokenAda, header: "Token token=" + tokenAda},
		"account API token": {token: tokenAccount, header: "Token token=" + tokenAccount},
		"unusual":           {token: "x+1y", header: "Token token=x+1y"},
		"empty":             {refused: "empty"},
		"newline":           {token: marker + "\n", refused: "ends with a line break (character 21 of 21)"},
		"prefix":            {token: "Token token=" + marker, refused: "prefix"},
		"quoted":            {token: "'" + marker + "'", refused: "quotation mark"},
		"variable":          {token: "$PAGERDUTY_TOKEN", refused: "variable"},
		"non-ASCII":         {token: marker + "\u200b", refused: "ASCII"},
		"assignment":        {token: "PAGERDUTY_TOKEN=" + marker, refused: "assignment"},
		"header break":      {token: marker + "\r\nX-Evil: 1", refused: "character 21"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			header, refused := callHeader(t, c.token)
			if header != c.header || !strings.Contains(refused, c.refused) || (refused == "") != (c.refused == "") {
				t.Errorf("got a header of %d characters and %q, want %d and %q", len(header), refused, len(c.header), c.refused)
			}
			searchLeaks(t, "the error", refused)
		})
	}
}

// What Terraform makes of a null, unknown, sensitive or ephemeral argument.
func TestAccAuthorizationHeader(t *testing.T) {
	t.Parallel()
	const call = "provider::pagerdutyauth::authorization_header"
	withFunction := func(t *testing.T, config string) *project {
		t.Helper()
		tf := newProject(t, config)
		tf.needs(1, 8, 1, 7)
		return tf
	}
	t.Run("known", func(t *testing.T) {
		t.Parallel()
		tf := withFunction(t, "output \"header\" {\n  value = "+call+"(\""+tokenAda+"\")\n}\n")
		o := tf.apply()
		o.passed(t)
		if got := o.outputs["header"]; got != "Token token="+tokenAda {
			t.Errorf("got %v", got)
		}
	})
	t.Run("null", func(t *testing.T) {
		t.Parallel()
		tf := withFunction(t, "output \"header\" {\n  value = "+call+"(null)\n}\n")
		o := tf.plan()
		if d := o.one(t); d.Severity != "error" || !strings.Contains(d.Detail, "null") {
			t.Errorf("%s: %s", d.Summary, d.Detail)
		}
	})
	t.Run("unknown", func(t *testing.T) {
		t.Parallel()
		tf := withFunction(t, "resource \"terraform_data\" \"token\" {\n  input = \""+tokenAda+"\"\n}\n"+
			"output \"header\" {\n  value = "+call+"(terraform_data.token.output)\n}\n")
		tf.terraformRun("plan", "-input=false", "-out=plan").passed(t)
		if shown := tf.terraformRun("show", "-json", "plan").output; strings.Contains(shown, "Token token=") {
			t.Error("the header is known during plan")
		}
		o := tf.terraformRun("apply", "-json", "-input=false", "plan")
		o.passed(t)
		if got := o.outputs["header"]; got != "Token token="+tokenAda {
			t.Errorf("got %v", got)
		}
	})
	t.Run("sensitive", func(t *testing.T) {
		t.Parallel()
		config := "variable \"token\" {\n  type = string\n  sensitive = true\n}\n" +
			"output \"header\" {\n  sensitive = %s\n  value = " + call + "(var.token)\n}\n"
		tf := withFunction(t, strings.Replace(config, "%s", "false", 1))
		tf.setenv("TF_VAR_token", marker)
		o := tf.plan()
		if d := o.one(t); !strings.Contains(flat(d.Summary+d.Detail), "sensitive") {
			t.Errorf("the result is not sensitive: %s: %s", d.Summary, d.Detail)
		}
		searchLeaks(t, "the output", o.output)
		tf = withFunction(t, strings.Replace(config, "%s", "true", 1))
		tf.setenv("TF_VAR_token", marker)
		tf.setenv("TF_LOG", "TRACE")
		o = tf.plan()
		o.passed(t)
		searchLeaks(t, "the output", o.output)
		// Refused: neither the provider nor Terraform repeats it.
		tf.setenv("TF_VAR_token", marker+"\n")
		o = tf.plan()
		if !o.failed || !strings.Contains(flat(o.output), "line break") {
			t.Error("it was not refused")
		}
		searchLeaks(t, "the output", o.output)
	})
	t.Run("ephemeral", func(t *testing.T) {
		t.Parallel()
		const output = "output \"header\" {\n  value = local.header\n}\n"
		tf := withFunction(t, "variable \"token\" {\n  type = string\n  ephemeral = true\n}\n"+
			"locals {\n  header = "+call+"(var.token)\n}\n"+output)
		tf.needs(1, 10, 1, 11)
		tf.setenv("TF_VAR_token", marker)
		o := tf.plan()
		if d := o.one(t); !strings.Contains(flat(d.Summary+d.Detail), "phemeral") {
			t.Errorf("the result is not ephemeral: %s: %s", d.Summary, d.Detail)
		}
		searchLeaks(t, "the output", o.output)
		tf.write("main.tf", strings.Replace(tf.read("main.tf"), output,
			"output \"length\" {\n  value = ephemeralasnull(local.header) == null\n}\n", 1))
		o = tf.apply()
		o.passed(t)
		if o.outputs["length"] != true {
			t.Errorf("outputs %v", o.outputs)
		}
		tf.searchFiles(t)
	})
}

// A malformed token in an ephemeral variable is refused before any plan, and is in no
// output. (Terraform 1.11.4 prints the value of a variable that is only sensitive.)
func TestAccAuthorizationHeader_variableValidation(t *testing.T) {
	t.Parallel()
	tf := newProject(t, `variable "pagerduty_token" {
  type      = string
  ephemeral = true
  validation {
    condition     = can(provider::pagerdutyauth::authorization_header(var.pagerduty_token))
    error_message = "This is not a PagerDuty API token."
  }
}
`)
	tf.needs(1, 10, 1, 11)
	for value, valid := range map[string]bool{
		marker: true, marker + "\n": false, "Token token=" + marker: false, "": false,
	} {
		tf.setenv("TF_VAR_pagerduty_token", value)
		for _, flags := range [][]string{{"-no-color"}, {"-json"}} {
			o := tf.terraformRun(append([]string{"plan", "-input=false"}, flags...)...)
			if o.failed == valid || !valid && !strings.Contains(flat(o.output), "This is not a PagerDuty API token.") {
				t.Errorf("a value of %d characters, %s: failed is %v", len(value), flags[0], o.failed)
			}
			searchLeaks(t, "the output of plan "+flags[0], o.output)
		}
	}
}
