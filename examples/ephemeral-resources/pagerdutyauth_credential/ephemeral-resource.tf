variable "pagerduty_token" {
  type      = string
  ephemeral = true
}

# Checked during plan and again during apply. Nothing is stored.
ephemeral "pagerdutyauth_credential" "this" {
  token              = var.pagerduty_token
  allowed_subdomains = ["acme"]
}
