# Nothing but the check, for a pipeline that runs it as a step of its own.
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
