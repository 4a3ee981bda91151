# Stops the plan unless PagerDuty accepts the token and it belongs to the
# account https://acme.pagerduty.com.
data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

locals {
  user = data.pagerdutyauth_credential.this.user # null for an account API token
}

output "planned_by" {
  value = local.user == null ? "an account API token" : local.user.name
}
