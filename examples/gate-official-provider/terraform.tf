terraform {
  required_version = ">= 1.10"
  required_providers {
    pagerduty = {
      source  = "PagerDuty/pagerduty"
      version = "~> 3.0"
    }
    pagerdutyauth = {
      source  = "pagerdutyauth/pagerdutyauth"
      version = "~> 0.1"
    }
  }
}
