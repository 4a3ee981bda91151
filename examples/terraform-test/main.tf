data "pagerdutyauth_credential" "this" {
  allowed_subdomains = ["acme"]
}

output "greeting" {
  value = "Planned by ${try(data.pagerdutyauth_credential.this.user.name, "an account API token")}"
}
