package provider

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/tfrun"
)

var listType = tftypes.List{ElementType: tftypes.String}

// callRequiredScopes calls the function as Terraform does. refused is the error's text, and argument the position
// of the argument that it names.
func callRequiredScopes(
	t *testing.T, operation string, elements ...tftypes.Value,
) (result tftypes.Value, refused string, argument int64) {
	t.Helper()
	server, err := factories["pagerdutyauth"]()
	if err != nil {
		t.Fatal(err)
	}
	first, err := tfprotov6.NewDynamicValue(tftypes.String, str(operation))
	if err != nil {
		t.Fatal(err)
	}
	second, err := tfprotov6.NewDynamicValue(listType, tftypes.NewValue(listType, elements))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{
		Name: "required_scopes", Arguments: []*tfprotov6.DynamicValue{&first, &second},
	})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Error != nil {
		if resp.Error.FunctionArgument == nil {
			t.Fatalf("the error names no argument: %s", resp.Error.Text)
		}
		return result, resp.Error.Text, *resp.Error.FunctionArgument
	}
	if result, err = resp.Result.Unmarshal(listType); err != nil {
		t.Fatal(err)
	}
	return result, "", 0
}

func TestRequiredScopes(t *testing.T) {
	t.Parallel()
	result, refused, _ := callRequiredScopes(t, "apply", str("pagerduty_service"), str("data.pagerduty_team"))
	if refused != "" {
		t.Fatal(refused)
	}
	want := tftypes.NewValue(listType, []tftypes.Value{
		str("abilities.read"), str("services.read"), str("services.write"), str("teams.read"),
	})
	if !result.Equal(want) {
		t.Errorf("got %s, want %s", result, want)
	}
}

func TestRequiredScopes_unknownElement(t *testing.T) {
	t.Parallel()
	result, refused, _ := callRequiredScopes(t, "plan", str("pagerduty_service"), unknown(tftypes.String))
	if refused != "" || result.IsKnown() {
		t.Errorf("got %s, %q, want an unknown list", result, refused)
	}
}

func TestRequiredScopes_errors(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		operation string
		element   tftypes.Value
		argument  int64
		text      string
	}{
		"operation": {"destroy", str("pagerduty_service"), 0, `operation must be "plan" or "apply", not "destroy"`},
		"type":      {"plan", str("pagerduty_servise"), 1, `types[1] is "pagerduty_servise"`},
		"null":      {"plan", tftypes.NewValue(tftypes.String, nil), 1, "types[1] is null"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, refused, argument := callRequiredScopes(t, c.operation, str("pagerduty_team"), c.element)
			if argument != c.argument || !strings.Contains(refused, c.text) {
				t.Errorf("argument %d: %q, want argument %d: %q", argument, refused, c.argument, c.text)
			}
		})
	}
}

func TestAccRequiredScopes(t *testing.T) {
	t.Parallel()
	const call = "provider::pagerdutyauth::required_scopes"
	for name, c := range map[string]struct{ config, want, refused string }{
		"known": {
			config: call + `("apply", ["pagerduty_service", "pagerduty_team"])`,
			want:   "[abilities.read services.read services.write teams.read teams.write]",
		},
		"no types": {config: call + `("apply", [])`, want: "[abilities.read]"},
		"wrong operation": {
			config:  call + `("destroy", [])`,
			refused: `Invalid value for "operation" parameter: operation must be "plan" or "apply", not "destroy".`,
		},
		"wrong type": {
			config:  call + `("plan", ["pagerduty_vendor"])`,
			refused: `Invalid value for "types" parameter: types[0] is "pagerduty_vendor"`,
		},
		"null element": {
			config:  call + `("plan", ["pagerduty_team", null])`,
			refused: `Invalid value for "types" parameter: types[1] is null.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tf := newProject(t, "output \"scopes\" {\n  value = "+c.config+"\n}\n")
			tf.needsFeature(tfrun.Functions)
			o := tf.apply()
			if c.refused != "" {
				if d := o.one(t); !strings.Contains(flat(d.Detail), c.refused) {
					t.Errorf("got %s, want %s", d.Detail, c.refused)
				}
				return
			}
			o.passed(t)
			if got := fmt.Sprint(o.outputs["scopes"]); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// The result is unknown during plan if an element is.
func TestAccRequiredScopes_unknownElement(t *testing.T) {
	t.Parallel()
	tf := newProject(t, `resource "terraform_data" "type" {
  input = "pagerduty_team"
}
output "scopes" {
  value = provider::pagerdutyauth::required_scopes("plan", ["pagerduty_service", terraform_data.type.output])
}
`)
	tf.needsFeature(tfrun.Functions)
	o := tf.apply()
	o.passed(t)
	if got := fmt.Sprint(o.outputs["scopes"]); got != "[abilities.read services.read teams.read]" {
		t.Errorf("got %s", got)
	}
}

// requiredScopesExample is the example of the function with an app that was registered with these scopes.
func requiredScopesExample(t *testing.T, scopes ...string) outcome {
	t.Helper()
	s := startEmulator(t, withApp(scopes...))
	tf := example(t, "functions/required_scopes", s)
	tf.needsFeature(tfrun.Functions)
	tf.write("emulator_override.tf", block(s, goodApp(s)))
	return tf.plan()
}

func TestAccExamples_requiredScopes(t *testing.T) {
	t.Parallel()
	requiredScopesExample(t, "users.read", "abilities.read", "services.read", "services.write", "teams.read",
		"teams.write").passed(t)
	o := requiredScopesExample(t, "users.read", "abilities.read", "services.read", "teams.read", "teams.write")
	o.ended(t, "not_allowed")
	if !strings.Contains(o.output, "services.write") {
		t.Errorf("the message does not name the scope:\n%s", o.output)
	}
}
