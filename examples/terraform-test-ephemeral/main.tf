# A module with an ephemeral check, whose test mocks it. Before Terraform 1.17 a
# test with mock_provider fails on an ephemeral resource.
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

# In place of what the check protects.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
