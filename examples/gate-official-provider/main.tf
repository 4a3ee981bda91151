# The token comes from the environment variable PAGERDUTY_TOKEN.
provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

# If the check fails, this provider is not configured and sends nothing.
provider "pagerduty" {
  token = ephemeral.pagerdutyauth_credential.this.token
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
