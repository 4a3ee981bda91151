variable "pagerduty_token" {
  type      = string
  ephemeral = true
}

# Checked during plan and again during apply. Nothing of it is stored.
ephemeral "pagerdutyauth_credential" "this" {
  token              = var.pagerduty_token
  allowed_subdomains = ["acme"]
}

# What must wait for the check takes the token from it:
#
# provider "pagerduty" {
#   token = ephemeral.pagerdutyauth_credential.this.token
# }
