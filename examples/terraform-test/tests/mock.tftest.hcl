# Needs no token: nothing is sent. OpenTofu reads mock.tofutest.hcl instead.
mock_provider "pagerdutyauth" {
  mock_data "pagerdutyauth_credential" {
    defaults = {
      valid     = true
      status    = "valid"
      subdomain = "acme"

      # Terraform makes up the attributes that are left out. It takes no list of
      # teams here, and no null.
      user = {
        name = "Ada Lovelace"
        role = "admin"
      }
    }
  }
}

run "the_greeting_names_the_user" {
  command = plan

  assert {
    condition     = output.greeting == "Planned by Ada Lovelace"
    error_message = "The greeting does not name the user."
  }
}
