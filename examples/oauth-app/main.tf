# An OAuth app, with the same arguments and variables as in the official provider.
# The check mints a token, in memory only, and compares the scopes it got with
# those that are required.
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# The client's secret comes from PAGERDUTY_CLIENT_SECRET.
provider "pagerdutyauth" {
  use_app_oauth_scoped_token {
    pd_client_id = "3f1c0000-aaaa-4bbb-8ccc-00000000a001"
    pd_subdomain = "acme"
  }
}

data "pagerdutyauth_credential" "app" {
  credential      = "app_oauth"
  required_scopes = ["schedules.read"]
}

output "scopes" {
  value = data.pagerdutyauth_credential.app.scopes
}
