# The tokens come from PAGERDUTY_TOKEN and PAGERDUTY_USER_TOKEN.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "token" {
  allowed_subdomains = ["acme"]
}

# Slack connections need the API token of a user with the role owner or admin.
ephemeral "pagerdutyauth_credential" "user_token" {
  credential         = "user_token"
  allowed_subdomains = ["acme"]
  allowed_roles      = ["owner", "admin"]
}

provider "pagerduty" {
  token      = ephemeral.pagerdutyauth_credential.token.token
  user_token = ephemeral.pagerdutyauth_credential.user_token.token
}

# Stands for a pagerduty_slack_connection.
resource "pagerduty_team" "platform" {
  name = "Platform"
}
