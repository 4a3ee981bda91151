# Checks the token that the official provider takes as "user_token": that it is a
# user API token, and that it belongs to the same account as "token".
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# The tokens come from PAGERDUTY_TOKEN and PAGERDUTY_USER_TOKEN.
provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "user_token" {
  credential            = "user_token"
  same_account_as_token = true
}
