terraform {
  required_providers {
    pagerdutyauth = {
      source = "pagerdutyauth/pagerdutyauth"
    }
  }
}

# Without arguments the provider reads PAGERDUTY_TOKEN and
# PAGERDUTY_SERVICE_REGION, as the official provider does.
provider "pagerdutyauth" {}
