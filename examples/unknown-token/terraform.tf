terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}
