# The token comes from a resource and is unknown while planning. Terraform opens
# the ephemeral resource once it is known; no other token is used before.
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

# Stands for a resource that creates the token.
resource "terraform_data" "token" {
  input = var.token
}

ephemeral "pagerdutyauth_credential" "this" {
  token = terraform_data.token.output
}
