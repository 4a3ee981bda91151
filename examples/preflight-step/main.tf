provider "pagerdutyauth" {}

data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
