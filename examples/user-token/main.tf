# The official provider takes "user_token" for Slack connections and does not
# validate it. This checks that it is a user's, and of the same account as "token".
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# PAGERDUTY_TOKEN and PAGERDUTY_USER_TOKEN
provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "user_token" {
  credential            = "user_token"
  allowed_token_types   = ["user"]
  same_account_as_token = true
}
