package main

import (
	"io"
	"log"
	"os"
)

// discardStandardLog silences the standard logger, which this module does not use.
// net/http writes bytes to it that follow a response on an idle connection, and
// Terraform prints them at TF_LOG=DEBUG. They can repeat the API token, or a user's
// http_cal_url. Intended log lines go through tflog.
func discardStandardLog() { log.SetOutput(io.Discard) }

// disableProtocolFiles ignores TF_LOG_SDK_PROTO_DATA_DIR. With it, terraform-plugin-go
// writes everything that Terraform and a provider exchange to files that every user can
// read, tokens and client secrets included, whatever the log level.
func disableProtocolFiles() {
	// Unsetenv fails only for an invalid name.
	_ = os.Unsetenv("TF_LOG_SDK_PROTO_DATA_DIR")
}

// quietLogs turns the provider's log off if no one can see it. Terraform drops the log
// unless TF_LOG or TF_LOG_PROVIDER is set, but only after the provider has written it as
// JSON and Terraform has read that: 7 ms of a plan (DESIGN.md, Performance). Variables
// that are set stay as they are.
func quietLogs() {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return
	}
	for _, level := range []string{"TF_LOG_SDK", "TF_LOG_PROVIDER_PAGERDUTYAUTH"} {
		if os.Getenv(level) == "" {
			// If this fails, the log stays on and costs time.
			_ = os.Setenv(level, "off")
		}
	}
}
