# Needs no token: nothing is sent.
mock_provider "pagerdutyauth" {
  mock_data "pagerdutyauth_credential" {
    defaults = {
      valid  = true
      status = "valid"
      user = {
        id        = "P000000"
        name      = "Mock"
        email     = "mock@example.com"
        role      = "user"
        job_title = null
        time_zone = "UTC"
        html_url  = null
      }
    }
  }
}

run "the_greeting_names_the_user" {
  command = plan

  assert {
    condition     = output.greeting == "Planned by Mock"
    error_message = "The greeting lacks the user's name."
  }
}
