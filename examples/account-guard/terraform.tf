terraform {
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}
