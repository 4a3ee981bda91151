# Every token is checked by an instance of its own. One that fails does not hide
# the others, and its error names the instance.
terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

variable "teams" {
  type        = set(string)
  description = "The teams whose tokens to check."
}

variable "tokens" {
  type        = map(string)
  ephemeral   = true
  description = "The API token of each team."

  # The ephemeral resource takes a null token for unset, and checks the provider's.
  validation {
    condition     = alltrue([for token in values(var.tokens) : token != null])
    error_message = "A team's token is null."
  }
}

provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "team" {
  for_each = var.teams

  token              = var.tokens[each.key]
  allowed_subdomains = ["acme"]
}
