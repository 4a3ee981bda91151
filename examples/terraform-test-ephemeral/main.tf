# A module whose check is an ephemeral resource can be tested without PagerDuty
# since Terraform 1.17, which mocks ephemeral resources too.
terraform {
  required_version = ">= 1.17"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

# Stands for what waits for the check.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
