# The token comes from a resource and is unknown during plan. Terraform opens the
# ephemeral resource during apply, once the token is known. No other token is used
# in its place.
terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

variable "token" {
  type      = string
  sensitive = true
}

# In place of a resource that creates the token.
resource "terraform_data" "token" {
  input = var.token
}

ephemeral "pagerdutyauth_credential" "this" {
  token              = terraform_data.token.output
  allowed_subdomains = ["acme"]
}

# What must wait for the check refers to it. OpenTofu does not even open an
# ephemeral resource during apply that none of the plan's changes refers to.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
