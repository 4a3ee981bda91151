package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/scopes"
)

func newRequiredScopesFunction() function.Function { return requiredScopesFunction{} }

// requiredScopesFunction returns the OAuth scopes that types of the official provider need. It sends nothing.
type requiredScopesFunction struct{}

func (requiredScopesFunction) Metadata(
	_ context.Context, _ function.MetadataRequest, resp *function.MetadataResponse,
) {
	resp.Name = "required_scopes"
}

// Positions of the arguments.
const (
	argumentOperation = 0
	argumentTypes     = 1
)

func (requiredScopesFunction) Definition(
	_ context.Context, _ function.DefinitionRequest, resp *function.DefinitionResponse,
) {
	resp.Definition = function.Definition{
		Summary: "The OAuth scopes that types of the official PagerDuty provider need",
		MarkdownDescription: "Returns the OAuth scopes that an OAuth app needs so that the official PagerDuty provider " +
			"can plan or apply a configuration with these types. The list is sorted, has no duplicates, and always " +
			"contains `abilities.read`. Nothing is sent.\n\n" +
			"Needs Terraform 1.8 or OpenTofu 1.7.",
		Parameters: []function.Parameter{
			function.StringParameter{
				Name: "operation",
				MarkdownDescription: "`plan` for the scopes to read the types, `apply` for the scopes to create, change " +
					"and destroy them too.",
			},
			function.ListParameter{
				Name:        "types",
				ElementType: types.StringType,
				MarkdownDescription: "The types, such as `pagerduty_service` for a resource or `data.pagerduty_team` for a " +
					"data source. The order does not matter.",
			},
		},
		Return: function.ListReturn{ElementType: types.StringType},
	}
}

func (requiredScopesFunction) Run(ctx context.Context, req function.RunRequest, resp *function.RunResponse) {
	var operation string
	var given []types.String
	if resp.Error = req.Arguments.Get(ctx, &operation, &given); resp.Error != nil {
		return
	}
	names := make([]string, len(given))
	for i, name := range given {
		switch {
		case name.IsNull():
			resp.Error = function.NewArgumentFuncError(argumentTypes, fmt.Sprintf("types[%d] is null", i))
			return
		case name.IsUnknown(): // OpenTofu passes a list with unknown elements; Terraform does not.
			resp.Error = resp.Result.Set(ctx, types.ListUnknown(types.StringType))
			return
		}
		names[i] = name.ValueString()
	}
	needed, err := scopes.Required(operation, names)
	switch {
	case errors.Is(err, scopes.ErrOperation):
		resp.Error = function.NewArgumentFuncError(argumentOperation, err.Error())
	case err != nil:
		resp.Error = function.NewArgumentFuncError(argumentTypes, err.Error())
	default:
		resp.Error = resp.Result.Set(ctx, needed)
	}
}
