provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  lifecycle {
    postcondition {
      condition     = try(endswith(self.user.email, "@acme.example"), self.token_type == "account")
      error_message = "The PagerDuty token belongs to a user outside of acme.example."
    }
  }
}
