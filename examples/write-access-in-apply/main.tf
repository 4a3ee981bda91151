terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerduty = {
      source  = "PagerDuty/pagerduty"
      version = "~> 3.0"
    }
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
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
