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

// checkAttributes are the arguments of checkModel, as the data source's.
func checkAttributes() map[string]dschema.Attribute {
	return map[string]dschema.Attribute{
		"credential": dschema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Which of the provider's credentials to check: `token` (default), `user_token` " +
				"or `app_oauth`. A `user_token` must be a user API token, unless `allowed_token_types` says " +
				"otherwise.",
			Validators: []validator.String{credentialChoice},
		},
		"allowed_subdomains": setGuard("allowed_subdomains",
			"Allowed account subdomains, such as `acme` for `https://acme.pagerduty.com`. Case is ignored."),
		"forbidden_subdomains": setGuard("forbidden_subdomains",
			"Account subdomains that are refused, such as that of a production account. Case is ignored."),
		"allowed_service_regions": setGuard("allowed_service_regions",
			"Allowed service regions of the account, `us` or `eu`, as PagerDuty names it. Two accounts in "+
				"different service regions can have the same subdomain."),
		"allowed_token_types": setGuard("allowed_token_types",
			"Allowed token types: `user`, `account` and `app_oauth`."),
		"allowed_user_emails": setGuard("allowed_user_emails",
			"Allowed email addresses of the credential's user. Case is ignored. An account API token and an OAuth "+
				"app belong to no user and fail."),
		"allowed_roles": setGuard("allowed_roles",
			"Allowed base roles of the credential's user: `owner`, `admin`, `user`, `limited_user`, `observer`, "+
				"`restricted_access`, `read_only_user` and `read_only_limited_user`. An account API token and an "+
				"OAuth app belong to no user and fail."),
		"required_abilities": setGuard("required_abilities",
			"Abilities that the account must have, all of them. They are features of the account's plan, not "+
				"permissions of the credential. Sends one more request."),
		"required_scopes": setGuard("required_scopes",
			"OAuth scopes that the app must be granted, all of them, such as `schedules.read`. Only where "+
				"`credential` is `app_oauth`."),
		"same_account_as_token": dschema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Require the credential to belong to the same account as the provider's `token`, " +
				"which is then checked too. Only where `credential` is `user_token` or `app_oauth`. Default " +
				"`false`.",
			Validators: []validator.Bool{guardValidator(preflight.GuardSameAccount)},
		},
		"require_write_access": dschema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Require a token that PagerDuty lets write. Sends one `POST /schedules/preview`, " +
				"which PagerDuty documents as computing a schedule without saving it. For an account API token " +
				"this distinguishes full access from read-only; for a user API token it covers schedules only. Fails " +
				"where it cannot be decided. Not where `credential` is `app_oauth`: use `required_scopes`. " +
				"Default `false`.",
			Validators: []validator.Bool{guardValidator(preflight.GuardWriteAccess)},
		},
		"include_write_access": dschema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Ask for write access as `require_write_access` does, and report it without " +
				"requiring it. Default `false`.",
		},
	}
}

func setGuard(name, description string) dschema.SetAttribute {
	return dschema.SetAttribute{
		Optional: true, ElementType: types.StringType, MarkdownDescription: description,
		Validators: []validator.Set{guardValidator(name)},
	}
}

func computed(description string) dschema.StringAttribute {
	return dschema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// resultAttributes are the attributes of resultModel, and what asks for more of it.
func resultAttributes() map[string]dschema.Attribute {
	return map[string]dschema.Attribute{
		"include_abilities": dschema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Read the account's abilities into `abilities`. Sends one more request. Default " +
				"`false`.",
		},
		"valid": dschema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "`true` if PagerDuty accepted the credential and every guard was met; `false` if " +
				"the credential is malformed, was rejected by PagerDuty, or does not meet a guard; null if " +
				"nothing was decided.",
		},
		"status": computed("The verdict: `valid`, `malformed`, `unauthorized`, `forbidden`, `payment_required`, " +
			"`rate_limited`, `unreachable`, `server_error`, `unexpected_response`, `not_allowed` or `unverified`."),
		"http_status_code": dschema.Int64Attribute{
			Computed:            true,
			MarkdownDescription: "The HTTP status that led to the verdict; null where no answer came.",
		},
		"token_type": computed("`user` for a user API token, `account` for an account API token, `app_oauth` for " +
			"an OAuth app, `unknown` where PagerDuty's answer does not say."),
		"token_source": computed("Where the token, or the OAuth app's client secret, comes from: `provider " +
			"configuration`, the name of an environment variable, or the ephemeral resource's `token`. Null where " +
			"validation is skipped and none is set."),
		"token_preview": computed("`****` and the last 4 characters of the token, or of the OAuth app's client " +
			"secret; `****` alone for a short value."),
		"subdomain":      computed("The account's subdomain; null where PagerDuty's answer does not name it."),
		"service_region": computed("The service region that is configured, `us` or `eu`."),
		"abilities": dschema.SetAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The account's abilities; null unless `include_abilities` or " +
				"`required_abilities` asks for them, and where they could not be read or are too many.",
		},
		"scopes": dschema.SetAttribute{
			Computed: true, ElementType: types.StringType,
			MarkdownDescription: "The OAuth scopes that the app was granted; null for an API token, and where they " +
				"are too many.",
		},
		"write_access": dschema.BoolAttribute{
			Computed: true,
			MarkdownDescription: "Whether PagerDuty lets the token write, for a user API token: write schedules; null unless " +
				"`include_write_access` or `require_write_access` asks for it, and where it could not be decided.",
		},
		"user": dschema.SingleNestedAttribute{
			Computed: true,
			MarkdownDescription: "The user that the credential belongs to; null for an account API token and for " +
				"an OAuth app.",
			Attributes: userAttributes(),
		},
	}
}

func userAttributes() map[string]dschema.Attribute {
	return map[string]dschema.Attribute{
		"id":    computed("The user's ID."),
		"name":  computed("The user's name."),
		"email": computed("The user's email address."),
		"role": computed("The user's base role, such as `admin`, `user` or `observer`. Team and object roles can add " +
			"rights."),
		"job_title": computed("The user's job title; null where there is none."),
		"time_zone": computed("The user's time zone."),
		"html_url":  computed("The address of the user's page; null where PagerDuty gives none."),
		"teams": dschema.ListNestedAttribute{
			Computed:            true,
			MarkdownDescription: "The teams that the user belongs to.",
			NestedObject: dschema.NestedAttributeObject{Attributes: map[string]dschema.Attribute{
				"id": computed("The team's ID."), "name": computed("The team's name."),
			}},
		},
	}
}

// ephemeralAttributes are the data source's attributes as the ephemeral resource's:
// the framework has types of its own for each. Go converts those of a flat attribute;
// of the others, a test fails where a field that is set is dropped.
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
		case dschema.SetAttribute:
			converted[name] = eschema.SetAttribute(a)
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
			// Reached by any test that reads the schema, never by a user.
			panic(fmt.Sprintf("attribute %q has the type %T, which has no ephemeral counterpart here", name, attribute))
		}
	}
	return converted
}

// actionAttributes are the data source's arguments as the action's. The same test
// covers them.
func actionAttributes(attributes map[string]dschema.Attribute) map[string]aschema.Attribute {
	converted := make(map[string]aschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case dschema.StringAttribute:
			converted[name] = aschema.StringAttribute{
				Optional: a.Optional, MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case dschema.BoolAttribute:
			converted[name] = aschema.BoolAttribute{
				Optional: a.Optional, MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case dschema.SetAttribute:
			converted[name] = aschema.SetAttribute{
				Optional: a.Optional, MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
				ElementType: a.ElementType,
			}
		default:
			// Reached by any test that reads the schema, never by a user.
			panic(fmt.Sprintf("attribute %q has the type %T, which has no counterpart in an action here", name, attribute))
		}
	}
	return converted
}
