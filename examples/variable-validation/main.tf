variable "pagerduty_token" {
  type      = string
  ephemeral = true

  validation {
    condition     = can(provider::pagerdutyauth::authorization_header(var.pagerduty_token))
    error_message = "TF_VAR_pagerduty_token is not a PagerDuty API token. Remove whitespace, quotation marks and \"Token token=\"."
  }
}

# The token is not set here: OpenTofu would report a cycle, because it configures
# the provider before it calls its functions.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  token              = var.pagerduty_token
  allowed_subdomains = ["acme"]
}
