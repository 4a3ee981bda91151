variable "pagerduty_token" {
  type      = string
  ephemeral = true
}

# Checked while planning and again while applying; nothing of it is stored.
ephemeral "pagerdutyauth_credential" "this" {
  token              = var.pagerduty_token
  allowed_subdomains = ["acme"]
}

# The official provider gets the token only if the check passed:
#
# provider "pagerduty" {
#   token = ephemeral.pagerdutyauth_credential.this.token
# }
