terraform {
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

# The token comes from the environment variable PAGERDUTY_TOKEN.
provider "pagerdutyauth" {}

# Stops the plan unless PagerDuty accepts the token and it belongs to the
# account https://acme.pagerduty.com.
data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

output "pagerduty_account" {
  value = data.pagerdutyauth_credential.this.subdomain
}
