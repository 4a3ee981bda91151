# A rule of your own, on what the check learned.
terraform {
  required_version = ">= 1.3"
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  lifecycle {
    postcondition {
      condition     = try(endswith(self.user.email, "@acme.example"), self.token_type == "account")
      error_message = "The PagerDuty key belongs to somebody outside of acme.example."
    }
  }
}
