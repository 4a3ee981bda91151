terraform {
  required_version = ">= 1.7"
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

output "greeting" {
  value = "Planned by ${try(data.pagerdutyauth_credential.this.user.name, "an account API token")}"
}
