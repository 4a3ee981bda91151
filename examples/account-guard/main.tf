locals {
  subdomains = {
    default = "acme"
    sandbox = "acme-sandbox"
  }
}

# Holds for every check. A workspace that is missing from the map is an error.
provider "pagerdutyauth" {
  allowed_subdomains = [local.subdomains[terraform.workspace]]
}

data "pagerdutyauth_credential" "this" {}

output "account" {
  value = data.pagerdutyauth_credential.this.subdomain
}
