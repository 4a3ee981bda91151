# Stops the plan if the OAuth app lacks a scope that the official provider needs
# for these types. The official provider gets the app only after the check passed.
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

# The app comes from PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET and
# PAGERDUTY_SUBDOMAIN.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "app" {
  credential         = "app_oauth"
  allowed_subdomains = ["acme"]
  # The types as types.sh prints them.
  required_scopes = provider::pagerdutyauth::required_scopes("apply", ["data.pagerduty_user", "pagerduty_team"])
}

provider "pagerduty" {
  use_app_oauth_scoped_token {
    pd_client_id     = ephemeral.pagerdutyauth_credential.app.client_id
    pd_client_secret = ephemeral.pagerdutyauth_credential.app.client_secret
    pd_subdomain     = ephemeral.pagerdutyauth_credential.app.subdomain
  }
}

data "pagerduty_user" "ada" {
  email = "ada@acme.example"
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
