package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/function"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/explain"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pagerduty"
	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/preflight"
)

func newAuthorizationHeaderFunction() function.Function { return authorizationHeaderFunction{} }

// authorizationHeaderFunction returns the value of the header Authorization for an API
// token. It sends nothing. Terraform itself refuses null, and makes the result unknown,
// sensitive or ephemeral if the argument is.
type authorizationHeaderFunction struct{}

func (authorizationHeaderFunction) Metadata(
	_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse,
) {
	resp.Name = "authorization_header"
}

func (authorizationHeaderFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "The header Authorization for a PagerDuty API token",
		MarkdownDescription: "Returns `Token token=<API token>`, the header `Authorization` of PagerDuty's REST API, for " +
			"the `http` data source and other providers. A value that cannot be an API token, such as one with a line " +
			"break or with the prefix already in it, is an error. Nothing is sent, so the result does not say whether " +
			"PagerDuty accepts the token.\n\n" +
			"Requires Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{function.StringParameter{
			Name: "token",
			MarkdownDescription: "The account or user API token only. Make the variable that it comes from `sensitive` " +
				"or `ephemeral`: the result is then too, and Terraform does not print the argument in an error.",
		}},
		Return: function.StringReturn{},
	}
}

func (authorizationHeaderFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var token string
	if resp.Error = req.Arguments.Get(ctx, &token); resp.Error != nil {
		return
	}
	if f := preflight.Lint(token); f != nil {
		resp.Error = function.NewArgumentFuncError(0, explain.Refusal(f))
		return
	}
	resp.Error = resp.Result.Set(ctx, pagerduty.TokenPrefix+token)
}
