provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains   = ["acme"]
  require_write_access = terraform.applying # false during plan, true during apply
}

provider "pagerduty" {
  token = ephemeral.pagerdutyauth_credential.this.token
}

resource "pagerduty_team" "platform" {
  name = "Platform"
}
