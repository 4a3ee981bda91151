variable "check_pagerduty" {
  type        = bool
  default     = true
  description = "Set to false to plan without a PagerDuty token."
}

provider "pagerdutyauth" {}

# With a count of 0 the check needs no token and sends nothing.
data "pagerdutyauth_credential" "this" {
  count = var.check_pagerduty ? 1 : 0

  allowed_subdomains = ["acme"]
}
