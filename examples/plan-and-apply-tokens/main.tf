# The pipeline plans with a read-only account API token and applies with another
# token: each job sets its own PAGERDUTY_TOKEN. The check runs in both, on the
# token that is set there.
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
  allowed_subdomains  = ["acme"]
  allowed_token_types = ["account"]
}

provider "pagerduty" {
  token = ephemeral.pagerdutyauth_credential.this.token
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
