# The client secret comes from the environment variable PAGERDUTY_CLIENT_SECRET.
provider "pagerdutyauth" {
  use_app_oauth_scoped_token {
    pd_client_id = "3f1c0000-aaaa-4bbb-8ccc-00000000a001"
    pd_subdomain = "acme"
  }
}

# Fails unless PagerDuty grants the app all of these scopes.
data "pagerdutyauth_credential" "app" {
  credential      = "app_oauth"
  required_scopes = ["schedules.read", "users.read"]
}

output "scopes" {
  value = data.pagerdutyauth_credential.app.scopes
}
