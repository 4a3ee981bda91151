# A good token of the wrong account stops the plan: sandbox and production are
# told apart before anything is changed.
terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

variable "subdomain" {
  type    = string
  default = "acme"
}

provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  allowed_subdomains = [var.subdomain]
}

output "account" {
  value = data.pagerdutyauth_credential.this.subdomain
}
