terraform {
  required_version = ">= 1.8"
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

# The app comes from PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET and
# PAGERDUTY_SUBDOMAIN.
provider "pagerdutyauth" {}

# Stops the plan unless the app has all scopes that the official provider needs to
# manage services and teams.
data "pagerdutyauth_credential" "app" {
  credential      = "app_oauth"
  required_scopes = provider::pagerdutyauth::required_scopes("apply", ["pagerduty_service", "pagerduty_team"])
}
