package main

import (
	"io"
	"log"
	"os"
)

// discardStandardLog silences the standard logger, which this module does not use.
// net/http writes to it what it makes of a connection, and Terraform prints it at
// TF_LOG=DEBUG: bytes that follow an answer on an idle connection (a gateway whose
// Content-Length is too short) are quoted, and they can hold the API token that was
// sent, or a user's http_cal_url. GODEBUG=http2debug=2 writes every header there.
// What is logged on purpose goes through tflog.
func discardStandardLog() { log.SetOutput(io.Discard) }

// disableProtocolFiles ignores TF_LOG_SDK_PROTO_DATA_DIR, by which terraform-plugin-go
// writes all that Terraform and a provider exchange into files that everybody can
// read, tokens and client secrets included, whatever the level of the log.
func disableProtocolFiles() {
	// Unsetenv fails only for an invalid name.
	_ = os.Unsetenv("TF_LOG_SDK_PROTO_DATA_DIR")
}

// quietLogs turns the provider's log off where nobody can see it: Terraform drops
// it unless TF_LOG or TF_LOG_PROVIDER asks for it, but only after the provider has
// written all of it as JSON, down to the traces of the framework, and Terraform has
// read that. It is 7 ms of a plan, and a third of one with 1,000 instances
// (DESIGN.md, Performance). A variable that is set is left alone.
func quietLogs() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	for _, level := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_PAGERDUTYAUTH"} {
		if os.Getenv(level) == "" {
			// An error means that the log stays on, which costs time and nothing else.
			_ = os.Setenv(level, "off")
		}
	}
}
