# Checks an OAuth app, with the arguments and variables of the official provider.
# The check obtains an access token, which it keeps in memory only, and compares
# the scopes that were granted with those that are required.
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# The client secret comes from the environment variable PAGERDUTY_CLIENT_SECRET.
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
