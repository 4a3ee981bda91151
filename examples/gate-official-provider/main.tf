# The official provider gets the token from the check, so that the token that was
# checked is the one that is used. If the check fails, during plan or during apply,
# the official provider is not configured and sends nothing.
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

# The token comes from the environment variable PAGERDUTY_TOKEN.
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
