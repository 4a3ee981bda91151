package pagerduty

import (
	"encoding/json"
	"testing"
)

func BenchmarkDecode(b *testing.B) {
	user := []byte(`{"user":{"id":"PADA001","name":"Ada Lovelace","email":"ada@acme.example","role":"admin",
		"job_title":"Engineer","time_zone":"Europe/London","html_url":"https://acme.pagerduty.com/users/PADA001",
		"teams":[{"id":"PTEAM01","type":"team_reference","summary":"Platform"}],"contact_methods":[],
		"notification_rules":[],"http_cal_url":"https://x","web_cal_url":"webcal://x"}}`)
	account := []byte(accountToken400)
	failure := []byte(`{"error":{"message":"Access Denied","code":2010,"errors":["a"],
		"required_scopes":"users.read","token_scopes":"abilities.read"}}`)
	b.Run("user", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var body struct {
				User *User `json:"user"`
			}
			if err := json.Unmarshal(user, &body); err != nil || body.User.ID == "" {
				b.Fatal(err)
			}
		}
	})
	b.Run("account_token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !isAccountToken(account) {
				b.Fatal("not recognized")
			}
		}
	})
	b.Run("error", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if decodeErrorBody(&answer{status: 403, body: failure}, newRedactor(NewSecret(fuzzToken))).Code != 2010 {
				b.Fatal("not decoded")
			}
		}
	})
}
