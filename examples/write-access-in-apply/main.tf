# A read-only token is enough during plan. During apply the token must have full
# access, so that an apply job with the read-only token stops before it changes
# anything, instead of halfway. For a destroy plan write "true": while Terraform
# (not OpenTofu) applies one, terraform.applying is false.
terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerduty = {
      source = "PagerDuty/pagerduty"
    }
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains   = ["acme"]
  require_write_access = terraform.applying # false during plan, true during apply
}

provider "pagerduty" {
  token = ephemeral.pagerdutyauth_credential.this.token
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
