# OpenTofu requires all attributes of a mocked user.
mock_provider "pagerdutyauth" {
  mock_data "pagerdutyauth_credential" {
    defaults = {
      valid     = true
      status    = "valid"
      subdomain = "acme"
      user = {
        id       = "PADA001"
        name     = "Ada Lovelace"
        email    = "ada@acme.example"
        role     = "admin"
        html_url = "https://acme.pagerduty.com/users/PADA001"
        teams    = []
      }
    }
  }
}

run "greeting_names_the_user" {
  command = plan

  assert {
    condition     = output.greeting == "Planned by Ada Lovelace"
    error_message = "The greeting does not name the user."
  }
}
