# Stops the plan unless PagerDuty accepts the token and it belongs to "acme".
data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

locals {
  user = data.pagerdutyauth_credential.this.user # null for a key of the account
}

output "planned_by" {
  value = try(local.user.name, "a key of the account ${data.pagerdutyauth_credential.this.subdomain}")
}
