terraform {
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
