# The certificates in the file are trusted in addition to the system's.
provider "pagerdutyauth" {
  ca_cert_pem = file("${path.module}/proxy-ca.pem")
}

data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}
