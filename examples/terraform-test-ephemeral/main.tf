provider "pagerdutyauth" {}

ephemeral "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

# Stands for a resource that the check protects.
resource "terraform_data" "change" {
  input      = "changed"
  depends_on = [ephemeral.pagerdutyauth_credential.this]
}
