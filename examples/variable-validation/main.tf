# Refuses a malformed token before anything else happens. With ephemeral = true
# no version shows the value; with sensitive = true alone, Terraform 1.11 does.
terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

variable "pagerduty_token" {
  type      = string
  ephemeral = true

  validation {
    condition     = can(provider::pagerdutyauth::authorization_header(var.pagerduty_token))
    error_message = "This cannot be a PagerDuty API token. Set TF_VAR_pagerduty_token to the token alone, without whitespace, quotation marks or \"Token token=\"."
  }
}

# The token is not set here, because OpenTofu configures the provider before it
# calls its functions, and would report a cycle.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  token              = var.pagerduty_token
  allowed_subdomains = ["acme"]
}
