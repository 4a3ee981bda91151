terraform {
  required_version = ">= 1.3"
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}

provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  lifecycle {
    postcondition {
      condition     = try(endswith(self.user.email, "@acme.example"), self.token_type == "account")
      error_message = "The PagerDuty token belongs to a user outside of acme.example."
    }
  }
}
