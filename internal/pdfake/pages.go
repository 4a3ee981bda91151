package pdfake

import (
	"bufio"
	"embed"
	"io"
	"maps"
	"net/http"
)

// Page is an answer that is known by a name and takes its status from the caller.
type Page struct {
	// Name is lower case with hyphens, such as "zscaler".
	Name string
	// Description is one line without a full stop.
	Description string
	// Status is the one it usually comes with.
	Status int
	// PagerDuty is true where the answer may be PagerDuty's own, which has an x-request-id; else
	// somebody on the way sent it.
	PagerDuty bool
	header    http.Header
	body      []byte
}

// New answers with the page and this status.
func (p Page) New(status int) Behaviour {
	header := maps.Clone(p.header)
	if !p.PagerDuty {
		header["X-Request-Id"] = nil
	}
	b := Answer(status, header, p.body)
	b.name = p.Name
	return b
}

//go:embed blockpages/*.http
var blockPages embed.FS

// BlockPages are the answers of what stands between a client and PagerDuty: web filters, web
// application firewalls, API gateways, login and captive portals. Their texts and headers follow
// what these products are known to send [S], without their styling. Each is a file in blockpages.
func BlockPages() []Page {
	pages := []Page{
		{Name: "zscaler", Description: "Zscaler blocks the site"},
		{Name: "fortiguard", Description: "Fortinet's FortiGuard blocks the page"},
		{Name: "squid", Description: "a Squid proxy denies access"},
		{Name: "blue-coat", Description: "a Blue Coat ProxySG denies access"},
		{Name: "palo-alto", Description: "a Palo Alto Networks firewall blocks the page"},
		{Name: "cisco-umbrella", Description: "Cisco Umbrella blocks the site"},
		{Name: "netskope", Description: "Netskope blocks the site"},
		{Name: "forcepoint", Description: "Forcepoint (Websense) blocks the page"},
		{Name: "cloudflare-block", Description: "Cloudflare blocks the client's address"},
		{Name: "cloudflare-challenge", Description: "Cloudflare wants a browser to pass a challenge"},
		{Name: "aws-waf", Description: "AWS WAF at a load balancer forbids the request"},
		{Name: "akamai", Description: "Akamai denies access"},
		{Name: "f5-asm", Description: "an F5 BIG-IP firewall rejects the URL"},
		{Name: "imperva", Description: "Imperva (Incapsula) blocks the request"},
		{Name: "nginx", Description: "a reverse proxy answers with nginx's page"},
		{Name: "oauth2-proxy", Description: "an oauth2-proxy shows its login page"},
		{Name: "captive-portal", Description: "a network's captive portal wants a login"},
		{Name: "envoy-rbac", Description: "an Envoy proxy (Istio) denies access in text"},
		{Name: "aws-api-gateway", Description: "an AWS API gateway forbids the request in JSON"},
		{Name: "azure-apim", Description: "Azure API Management wants a subscription key"},
		{Name: "google", Description: "a Google API gateway denies permission in JSON"},
		{Name: "spring", Description: "a Spring Boot gateway denies access in JSON"},
		{Name: "kong", Description: "a Kong gateway refuses the request in JSON"},
		{Name: "traefik", Description: "a Traefik gateway denies access in plain text"},
		{Name: "empty", Description: "something on the way refuses without a word"},
	}
	for i := range pages {
		file := must(blockPages.Open("blockpages/" + pages[i].Name + ".http"))
		res := must(http.ReadResponse(bufio.NewReader(file), nil)) //nolint:bodyclose // it is in memory
		pages[i].Status, pages[i].header, pages[i].body = res.StatusCode, res.Header, must(io.ReadAll(res.Body))
	}
	return pages
}
