terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# Without arguments the provider reads PAGERDUTY_TOKEN and the other variables
# that the official provider reads.
provider "pagerdutyauth" {}
