# The app comes from PAGERDUTY_CLIENT_ID, PAGERDUTY_CLIENT_SECRET and
# PAGERDUTY_SUBDOMAIN.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "app" {
  credential         = "app_oauth"
  allowed_subdomains = ["acme"]
  required_scopes    = ["abilities.read", "teams.read", "teams.write", "users.read"]
}

provider "pagerduty" {
  use_app_oauth_scoped_token {
    pd_client_id     = ephemeral.pagerdutyauth_credential.app.client_id
    pd_client_secret = ephemeral.pagerdutyauth_credential.app.client_secret
    pd_subdomain     = ephemeral.pagerdutyauth_credential.app.subdomain
  }
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
