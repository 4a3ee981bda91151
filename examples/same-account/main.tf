# The tokens come from PAGERDUTY_TOKEN and PAGERDUTY_USER_TOKEN.
provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "token" {
  allowed_subdomains = ["acme", "acme-sandbox"]
}

# Fails unless user_token is a user API token of the same account as token.
data "pagerdutyauth_credential" "user_token" {
  credential         = "user_token"
  allowed_subdomains = [data.pagerdutyauth_credential.token.subdomain]
}
