package provider

import (
	"fmt"

	aschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	dschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	eschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

// checkAttributes returns the arguments of a check, as the data source's.
func checkAttributes() map[string]dschema.Attribute {
	attributes := map[string]dschema.Attribute{
		"credential": dschema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Which of the provider's credentials to check: `token` (default), `user_token` or " +
				"`app_oauth`. A `user_token` must be a user API token, unless `allowed_token_types` says otherwise.",
			Validators: []validator.String{credentialChoice},
		},
	}
	for _, g := range preflight.Guards {
		if g.Bool {
			attributes[g.Name] = dschema.BoolAttribute{Optional: true, MarkdownDescription: g.Description}
			continue
		}
		attributes[g.Name] = dschema.ListAttribute{
			Optional: true, ElementType: types.StringType, MarkdownDescription: g.Description,
			Validators: []validator.List{guardValidator{g}},
		}
	}
	return attributes
}

func computed(description string) dschema.StringAttribute {
	return dschema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func sensitive(description string) dschema.StringAttribute {
	return dschema.StringAttribute{Computed: true, Sensitive: true, MarkdownDescription: description}
}

// resultAttributes returns the results of a check.
func resultAttributes() map[string]dschema.Attribute {
	return map[string]dschema.Attribute{
		"valid": dschema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "`true` if PagerDuty accepted the credential and every guard was met. `false` if the " +
				"credential is malformed, PagerDuty rejected it, or a guard failed. Null if neither is known.",
		},
		"status": computed("The result of the check: `valid`, `malformed`, `unauthorized`, `forbidden`, " +
			"`payment_required`, `rate_limited`, `unreachable`, `server_error`, `unexpected_response` or `not_allowed`."),
		"http_status_code": dschema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "The HTTP status of the response that decided the status. Null without one.",
		},
		"token_type": computed("`user` for a user API token, `account` for an account API token, `app_oauth` for an " +
			"OAuth app, `unknown` if PagerDuty's response does not say."),
		"token_source": computed("Where the token, or the OAuth app's client secret, comes from: `provider " +
			"configuration`, the name of an environment variable, or the ephemeral resource's `token`."),
		"token_preview": computed("`****` and the last 4 characters of the token, or of the OAuth app's client secret. " +
			"Only `****` for a short value."),
		"subdomain":      computed("The account's subdomain. Null if PagerDuty's response does not name it."),
		"service_region": computed("The configured service region, `us` or `eu`."),
		"scopes": dschema.ListAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The OAuth scopes that the app was granted, sorted. Null for an API token.",
		},
		"write_access": dschema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether the token may write; for a user API token, whether it may write schedules. Null " +
				"unless `require_write_access` is set, and if it could not be checked.",
		},
		"user": dschema.SingleNestedAttribute{
			Computed: true,
			MarkdownDescription: "The user that the token belongs to. Null for an account API token and for an OAuth " +
				"app.",
			Attributes: map[string]dschema.Attribute{
				"id":    computed("The user's ID."),
				"name":  computed("The user's name."),
				"email": computed("The user's email address."),
				"role": computed("The user's base role, such as `admin`, `user` or `observer`. Team and object roles can " +
					"add rights."),
				"html_url": computed("The URL of the user's page. Null if PagerDuty returns none."),
				"teams": dschema.ListNestedAttribute{
					Computed:            true,
					MarkdownDescription: "The teams that the user belongs to.",
					NestedObject: dschema.NestedAttributeObject{Attributes: map[string]dschema.Attribute{
						"id": computed("The team's ID."), "name": computed("The team's name."),
					}},
				},
			},
		},
	}
}

// ephemeralAttributes converts the data source's attributes to the ephemeral resource's:
// the framework has separate types. A test fails if a field that is set gets lost.
func ephemeralAttributes(attributes map[string]dschema.Attribute) map[string]eschema.Attribute {
	converted := make(map[string]eschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case dschema.StringAttribute:
			converted[name] = eschema.StringAttribute(a)
		case dschema.BoolAttribute:
			converted[name] = eschema.BoolAttribute(a)
		case dschema.Int64Attribute:
			converted[name] = eschema.Int64Attribute(a)
		case dschema.ListAttribute:
			converted[name] = eschema.ListAttribute(a)
		case dschema.SingleNestedAttribute:
			converted[name] = eschema.SingleNestedAttribute{
				Computed: a.Computed, MarkdownDescription: a.MarkdownDescription,
				Attributes: ephemeralAttributes(a.Attributes),
			}
		case dschema.ListNestedAttribute:
			converted[name] = eschema.ListNestedAttribute{
				Computed: a.Computed, MarkdownDescription: a.MarkdownDescription,
				NestedObject: eschema.NestedAttributeObject{Attributes: ephemeralAttributes(a.NestedObject.Attributes)},
			}
		default:
			// Every test that reads the schema gets here before a user does.
			panic(fmt.Sprintf("attribute %q has the type %T, which is not converted for ephemeral resources", name, attribute))
		}
	}
	return converted
}

// actionAttributes converts the data source's arguments to the action's.
func actionAttributes(attributes map[string]dschema.Attribute) map[string]aschema.Attribute {
	converted := make(map[string]aschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case dschema.StringAttribute:
			converted[name] = aschema.StringAttribute{
				Optional: a.Optional, MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case dschema.BoolAttribute:
			converted[name] = aschema.BoolAttribute{Optional: a.Optional, MarkdownDescription: a.MarkdownDescription}
		case dschema.ListAttribute:
			converted[name] = aschema.ListAttribute{
				Optional: a.Optional, MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
				ElementType: a.ElementType,
			}
		default:
			panic(fmt.Sprintf("attribute %q has the type %T, which is not converted for actions", name, attribute))
		}
	}
	return converted
}
