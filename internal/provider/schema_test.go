package provider

import (
	"context"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// attributes returns the attributes of each check and of the provider, by name.
func attributes(t *testing.T) map[string]map[string]any {
	t.Helper()
	var data datasource.SchemaResponse
	newCredentialDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &data)
	var opened ephemeral.SchemaResponse
	newCredentialEphemeralResource().Schema(t.Context(), ephemeral.SchemaRequest{}, &opened)
	var invoked action.SchemaResponse
	newVerifyAction().Schema(t.Context(), action.SchemaRequest{}, &invoked)
	var block provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &block)
	app, ok := block.Schema.Blocks[appBlock].(schema.SingleNestedBlock)
	if !ok {
		t.Fatal("the OAuth app has no block")
	}
	return map[string]map[string]any{
		dataSourceCheck: untyped(data.Schema.Attributes), ephemeralCheck: untyped(opened.Schema.Attributes),
		actionCheck: untyped(invoked.Schema.Attributes), "provider": untyped(block.Schema.Attributes),
		appBlock: untyped(app.Attributes),
	}
}

func untyped[V any](m map[string]V) map[string]any {
	all := make(map[string]any, len(m))
	for name, v := range m {
		all[name] = v
	}
	return all
}

// The three checks have the same arguments and results, except for these. The conversion
// between the types of the framework loses no field.
func TestSchema_checksAgree(t *testing.T) {
	t.Parallel()
	special := map[string][]string{
		"on_failure": {dataSourceCheck}, "token": {ephemeralCheck}, "client_id": {ephemeralCheck},
		"client_secret": {ephemeralCheck}, "access_token": {ephemeralCheck}, "expires_at": {ephemeralCheck},
	}
	all := attributes(t)
	names := slices.Sorted(maps.Keys(all[ephemeralCheck]))
	for _, name := range append(names, "on_failure") {
		var have []string
		for _, check := range allChecks {
			if _, ok := all[check][name]; ok {
				have = append(have, check)
			}
		}
		want, isSpecial := special[name]
		if !isSpecial {
			want = allChecks
			if reflect.ValueOf(all[dataSourceCheck][name]).FieldByName("Computed").Bool() {
				want = []string{dataSourceCheck, ephemeralCheck}
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s is an attribute of %q, want %q", name, have, want)
			continue
		}
		for _, check := range have[1:] {
			compareAttributes(t, check+" "+name, all[have[0]][name], all[check][name])
		}
	}
	for _, check := range []string{dataSourceCheck, actionCheck} {
		for name := range all[check] {
			if name != "on_failure" && !slices.Contains(names, name) {
				t.Errorf("%s of the %s was not compared", name, check)
			}
		}
	}
}

// compareAttributes compares the fields of two types of attributes. A field that only
// the first type has, such as Computed, must be unset.
func compareAttributes(t *testing.T, what string, a, b any) {
	t.Helper()
	first, second := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range first.NumField() {
		field := first.Type().Field(i)
		value, other := first.Field(i), second.FieldByName(field.Name)
		switch {
		case !other.IsValid():
			if !value.IsZero() {
				t.Errorf("%s: %s is lost", what, field.Name)
			}
		case field.Name == "Attributes":
			if value.Len() != other.Len() {
				t.Errorf("%s: %d attributes, want %d", what, other.Len(), value.Len())
			}
			for _, key := range value.MapKeys() {
				compareAttributes(t, what+"."+key.String(), value.MapIndex(key).Interface(), other.MapIndex(key).Interface())
			}
		case field.Name == "NestedObject":
			compareAttributes(t, what+" element", value.Interface(), other.Interface())
		case field.Name == "Validators":
			if got, want := validators(t, b), validators(t, a); !slices.Equal(got, want) {
				t.Errorf("%s: validators %q, want %q", what, got, want)
			}
		default:
			if !reflect.DeepEqual(value.Interface(), other.Interface()) {
				t.Errorf("%s: %s is %v, want %v", what, field.Name, other, value)
			}
		}
	}
}

// validators describes the validators of an attribute.
func validators(t *testing.T, attribute any) []string {
	t.Helper()
	field := reflect.ValueOf(attribute).FieldByName("Validators")
	var all []string
	for i := range field.Len() {
		v, ok := field.Index(i).Interface().(interface{ Description(context.Context) string })
		if !ok {
			t.Fatal("a validator without a description")
		}
		all = append(all, fmt.Sprintf("%T: %s", v, v.Description(t.Context())))
	}
	return all
}

// Each guard of the table is an argument of every check, and of the provider if the table
// says so. The first page names each.
func TestSchema_guards(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../templates/index.md.tmpl")
	if err != nil {
		t.Fatal(err)
	}
	all := attributes(t)
	for _, guard := range preflight.Guards {
		if !strings.Contains(string(page), "`"+guard.Name+"`") {
			t.Errorf("templates/index.md.tmpl does not name the guard %s", guard.Name)
		}
		for _, where := range append(slices.Clone(allChecks), "provider") {
			attribute, ok := all[where][guard.Name]
			if ok != (where != "provider" || guard.Provider) {
				t.Errorf("%s is an argument of the %s: %t", guard.Name, where, ok)
			}
			want := "provider.guardValidator: " + guardValidator{guard}.Description(t.Context())
			if ok && !guard.Bool && !slices.Equal(validators(t, attribute), []string{want}) {
				t.Errorf("%s of the %s: validators %q", guard.Name, where, validators(t, attribute))
			}
		}
	}
}

// Each attribute has its own description, and secrets are sensitive.
func TestSchema_descriptions(t *testing.T) {
	t.Parallel()
	secrets := []string{"token", "user_token", "pd_client_secret", "client_secret", "access_token"}
	for where, all := range attributes(t) {
		seen := map[string]string{}
		for name, attribute := range all {
			v := reflect.ValueOf(attribute)
			description := v.FieldByName("MarkdownDescription").String()
			if description == "" || seen[description] != "" {
				t.Errorf("%s: %s has no description, or that of %q", where, name, seen[description])
			}
			seen[description] = name
			if f := v.FieldByName("Sensitive"); f.IsValid() && f.Bool() != slices.Contains(secrets, name) {
				t.Errorf("%s: %s is sensitive: %t", where, name, f.Bool())
			}
		}
	}
}
