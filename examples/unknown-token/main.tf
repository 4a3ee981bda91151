provider "pagerdutyauth" {}

variable "token" {
  type      = string
  sensitive = true
}

# Stands for a resource that creates the token.
resource "terraform_data" "token" {
  input = var.token
}

# The token is unknown during plan, so the check runs during apply only.
ephemeral "pagerdutyauth_credential" "this" {
  token              = terraform_data.token.output
  allowed_subdomains = ["acme"]
}

# Stands for a resource that must wait for the check.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
