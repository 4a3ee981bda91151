# The official provider is configured with the token only after the check passed,
# while planning and again while applying.
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
  allowed_subdomains = ["acme"]
}

provider "pagerduty" {
  token = ephemeral.pagerdutyauth_credential.this.token
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
