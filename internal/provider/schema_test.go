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

// attributesOf are the attributes of all surfaces, by surface and name.
func attributesOf(t *testing.T) map[string]map[string]any {
	t.Helper()
	ctx := t.Context()
	var data datasource.SchemaResponse
	newCredentialDataSource().Schema(ctx, datasource.SchemaRequest{}, &data)
	var opened ephemeral.SchemaResponse
	newCredentialEphemeralResource().Schema(ctx, ephemeral.SchemaRequest{}, &opened)
	var act action.SchemaResponse
	newVerifyAction().Schema(ctx, action.SchemaRequest{}, &act)
	return map[string]map[string]any{
		dataSurface:      anyMap(data.Schema.Attributes),
		ephemeralSurface: anyMap(opened.Schema.Attributes),
		actionSurface:    anyMap(act.Schema.Attributes),
	}
}

func anyMap[V any](m map[string]V) map[string]any {
	all := make(map[string]any, len(m))
	for name, v := range m {
		all[name] = v
	}
	return all
}

// onlyOn are the attributes that not all surfaces share.
var onlyOn = map[string][]string{
	"on_failure":        {dataSurface},
	"token":             {ephemeralSurface},
	"client_id":         {ephemeralSurface},
	"client_secret":     {ephemeralSurface},
	"access_token":      {ephemeralSurface},
	"expires_at":        {ephemeralSurface},
	"include_abilities": {dataSurface, ephemeralSurface},
}

// The three surfaces share attributes, and nothing of one is lost on the way: each
// field of the framework's types is compared, a new one too.
func TestSchema_surfacesAgree(t *testing.T) {
	t.Parallel()
	all := attributesOf(t)
	var names []string
	for _, attributes := range all {
		names = slices.AppendSeq(names, maps.Keys(attributes))
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		var have []string
		for _, surface := range surfaces {
			if _, ok := all[surface][name]; ok {
				have = append(have, surface)
			}
		}
		want, special := onlyOn[name]
		if !special {
			want = surfaces
			if reflect.ValueOf(all[dataSurface][name]).FieldByName("Computed").Bool() {
				want = []string{dataSurface, ephemeralSurface}
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s is on %q, want %q", name, have, want)
			continue
		}
		for _, surface := range have[1:] {
			compareAttributes(t, surface+" "+name, all[have[0]][name], all[surface][name])
		}
	}
}

// compareAttributes compares the fields that two attribute types share. The
// action's have no Sensitive and no Computed, which then must be false.
func compareAttributes(t *testing.T, what string, a, b any) {
	t.Helper()
	first, second := reflect.ValueOf(a), reflect.ValueOf(b)
	for i := range first.NumField() {
		field := first.Type().Field(i)
		value, other := first.Field(i), second.FieldByName(field.Name)
		switch {
		case !other.IsValid():
			if !value.IsZero() {
				t.Errorf("%s: %s is dropped", what, field.Name)
			}
		case field.Name == "Attributes":
			compareAttributeMaps(t, what, value, other)
		case field.Name == "NestedObject":
			compareAttributes(t, what+" element", value.Interface(), other.Interface())
		case field.Name == "Validators":
			if got, want := describeValidators(t, other), describeValidators(t, value); !slices.Equal(got, want) {
				t.Errorf("%s: validators %q, want %q", what, got, want)
			}
		default:
			if !reflect.DeepEqual(value.Interface(), other.Interface()) {
				t.Errorf("%s: %s is %v, want %v", what, field.Name, other, value)
			}
		}
	}
}

func compareAttributeMaps(t *testing.T, what string, a, b reflect.Value) {
	t.Helper()
	if a.Len() != b.Len() {
		t.Errorf("%s: %d attributes, want %d", what, b.Len(), a.Len())
	}
	for _, key := range a.MapKeys() {
		other := b.MapIndex(key)
		if !other.IsValid() {
			t.Errorf("%s.%s is dropped", what, key)
			continue
		}
		compareAttributes(t, what+"."+key.String(), a.MapIndex(key).Interface(), other.Interface())
	}
}

func describeValidators(t *testing.T, list reflect.Value) []string {
	t.Helper()
	var all []string
	for i := range list.Len() {
		v, ok := list.Index(i).Interface().(interface{ Description(context.Context) string })
		if !ok {
			t.Fatal("a validator without a description")
		}
		all = append(all, fmt.Sprintf("%T: %s", v, v.Description(t.Context())))
	}
	return all
}

// The table of guards, the schemas of all surfaces and the documentation name the
// same guards.
func TestSchema_guards(t *testing.T) {
	t.Parallel()
	var table []string
	for _, guard := range preflight.Guards {
		table = append(table, guard.Name)
	}
	slices.Sort(table)
	for surface, attributes := range attributesOf(t) {
		var guards []string
		for name, attribute := range attributes {
			for _, v := range describeValidators(t, reflect.ValueOf(attribute).FieldByName("Validators")) {
				if strings.HasPrefix(v, "provider.guardValidator") {
					guards = append(guards, name)
					if !strings.HasSuffix(v, " "+name) {
						t.Errorf("%s: %s has the validator of another guard: %s", surface, name, v)
					}
				}
			}
		}
		slices.Sort(guards)
		if !slices.Equal(guards, table) {
			t.Errorf("%s has the guards %q, the table %q", surface, guards, table)
		}
	}
	const page = "../../templates/guides/choosing-a-check.md.tmpl"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range table {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("%s does not name the guard %q", page, name)
		}
	}
}

// Every result says in words of its own what it is, and secrets are marked.
func TestSchema_sensitive(t *testing.T) {
	t.Parallel()
	sensitive := []string{"token", "user_token", "pd_client_secret", "client_secret", "access_token"}
	all := attributesOf(t)
	var block provider.SchemaResponse
	New("test")().Schema(t.Context(), provider.SchemaRequest{}, &block)
	all["provider"] = anyMap(block.Schema.Attributes)
	app, ok := block.Schema.Blocks[appBlock].(schema.SingleNestedBlock)
	if !ok {
		t.Fatal("the OAuth app has no block")
	}
	all[appBlock] = anyMap(app.Attributes)
	for surface, attributes := range all {
		seen := map[string]string{}
		for name, attribute := range attributes {
			v := reflect.ValueOf(attribute)
			description := v.FieldByName("MarkdownDescription").String()
			if description == "" || seen[description] != "" {
				t.Errorf("%s: %s has no words of its own (%s)", surface, name, seen[description])
			}
			seen[description] = name
			if f := v.FieldByName("Sensitive"); f.IsValid() && f.Bool() != slices.Contains(sensitive, name) {
				t.Errorf("%s: %s is sensitive: %v", surface, name, f.Bool())
			}
		}
	}
}
