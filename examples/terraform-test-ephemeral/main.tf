terraform {
  required_version = ">= 1.17"
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

# Stands for a resource that the check protects.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
