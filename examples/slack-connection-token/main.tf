# Slack connections need the API token of a user with the role owner or admin.
# The check passes only for such a token, and only if it belongs to the same
# account as "token".
terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerduty = {
      source = "PagerDuty/pagerduty"
    }
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# The tokens come from PAGERDUTY_TOKEN and PAGERDUTY_USER_TOKEN.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "token" {
  allowed_subdomains = ["acme"]
}

ephemeral "pagerdutyauth_credential" "user_token" {
  credential            = "user_token"
  allowed_subdomains    = ["acme"]
  allowed_roles         = ["owner", "admin"]
  same_account_as_token = true
}

provider "pagerduty" {
  token      = ephemeral.pagerdutyauth_credential.token.token
  user_token = ephemeral.pagerdutyauth_credential.user_token.token
}

# In place of a pagerduty_slack_connection.
resource "pagerduty_team" "platform" {
  name = "Platform"
}
