# A module whose tests run with the real provider and with a mock.
terraform {
  required_version = ">= 1.7"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

data "pagerdutyauth_credential" "this" {}

output "greeting" {
  value = "Planned in ${data.pagerdutyauth_credential.this.subdomain}"
}
