variable "teams" {
  type        = set(string)
  description = "The teams whose tokens to check."
}

variable "tokens" {
  type        = map(string)
  ephemeral   = true
  description = "The API token of each team."

  # A null token is treated as unset, and the check would use the provider's token.
  validation {
    condition     = alltrue([for token in values(var.tokens) : token != null])
    error_message = "A team's token is null."
  }
}

provider "pagerdutyauth" {}

# One instance for each token. An error names the instance, and the other tokens
# are checked too.
ephemeral "pagerdutyauth_credential" "team" {
  for_each = var.teams

  token              = var.tokens[each.key]
  allowed_subdomains = ["acme"]
}
