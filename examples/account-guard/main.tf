# A valid token of the wrong account stops the plan, so that the pipeline of the
# sandbox cannot change production, nor the other way round.
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {
  # A check whose allowed_subdomains turn out to be null is an error.
  require_account_guard = true
}

locals {
  subdomains = {
    default = "acme"
    sandbox = "acme-sandbox"
  }
}

data "pagerdutyauth_credential" "this" {
  # A workspace that is not in the map is an error, not a check without a guard.
  allowed_subdomains = [local.subdomains[terraform.workspace]]
}

output "account" {
  value = data.pagerdutyauth_credential.this.subdomain
}
