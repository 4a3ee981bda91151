# The pipeline plans with a read-only key and applies with another: each job sets
# its own PAGERDUTY_TOKEN. The ephemeral resource checks the one that is there,
# in the plan and when the saved plan is applied.
terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains  = ["acme"]
  allowed_token_types = ["account"]
}

# Stands for what the pipeline changes: it waits for the check.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
