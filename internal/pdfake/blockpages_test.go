package pdfake_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pagerdutyauth/terraform-provider-pagerdutyauth/internal/pdfake"
)

func TestStatusBehaviours(t *testing.T) {
	t.Parallel()
	validName := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := make(map[string]bool)
	for _, b := range slices.Concat(pdfake.BlockPages(), pdfake.Challenges()) {
		if !validName.MatchString(b.Name) || seen[b.Name] || b.Description == "" || b.Status == 0 {
			t.Errorf("%q is no good entry", b.Name)
		}
		seen[b.Name] = true
		t.Run(b.Name, func(t *testing.T) {
			t.Parallel()
			s := pdfake.Start(t, seed()...)
			for _, status := range []int{b.Status, 404} {
				s.SetFaults(pdfake.Fault{Behaviour: b.New(status)})
				r, err := ask(t, s)
				if err != nil || r.StatusCode != status {
					t.Fatal(err)
				}
				if r.Header.Get("Proxy-Connection") != "" {
					t.Error("HTTP/2 forbids the header Proxy-Connection")
				}
				if (r.Header.Get("X-Request-Id") != "") != b.PagerDuty {
					t.Error("only PagerDuty's answers have its x-request-id")
				}
			}
			if got := b.New(403).String(); got != b.Name {
				t.Errorf("it is called %q", got)
			}
		})
	}
}

// TestBlockPages has the mark by which each page is known.
func TestBlockPages(t *testing.T) {
	t.Parallel()
	marks := map[string]string{
		"zscaler":              "Zscaler",
		"fortiguard":           "FortiGuard",
		"squid":                "X-Squid-Error: ERR_ACCESS_DENIED 0",
		"blue-coat":            "Blue Coat",
		"palo-alto":            "Web Page Blocked",
		"cisco-umbrella":       "Cisco Umbrella",
		"netskope":             "Netskope",
		"forcepoint":           "Forcepoint",
		"cloudflare-block":     "Attention Required! | Cloudflare",
		"cloudflare-challenge": "Cf-Mitigated: challenge",
		"aws-waf":              "<head><title>403 Forbidden</title></head>",
		"akamai":               "Reference&#32;&#35;18",
		"f5-asm":               "Your support ID is: ",
		"imperva":              "Incapsula incident ID",
		"nginx":                "nginx",
		"oauth2-proxy":         "OAuth2 Proxy",
		"captive-portal":       "guest network",
		"envoy-rbac":           "RBAC: access denied",
		"aws-api-gateway":      `{"message":"Forbidden"}`,
		"azure-apim":           "missing subscription key",
		"google":               "PERMISSION_DENIED",
		"spring":               `"error":"Forbidden","path":"/users/me"`,
		"kong":                 "Server: kong",
		"traefik":              "Forbidden",
		"empty":                "",
	}
	pages := pdfake.BlockPages()
	if len(pages) != len(marks) {
		t.Errorf("%d pages, %d marks", len(pages), len(marks))
	}
	for _, p := range pages {
		t.Run(p.Name, func(t *testing.T) {
			t.Parallel()
			mark, known := marks[p.Name]
			r, err := ask(t, faulty(t, p.New(p.Status), 1))
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			_ = r.Header.Write(&all)
			if !known || !strings.Contains(all.String()+r.text, mark) || p.PagerDuty {
				t.Errorf("%q is not in it", mark)
			}
		})
	}
}

func TestChallenges(t *testing.T) {
	t.Parallel()
	s := pdfake.Start(t, seed()...)
	for _, c := range pdfake.Challenges() {
		s.SetFaults(pdfake.Fault{Behaviour: c.New(c.Status)})
		r, err := ask(t, s)
		if err != nil || r.text != "" {
			t.Fatalf("%s: %v", c.Name, err)
		}
		lines := append(r.Header.Values("Www-Authenticate"), r.Header.Values("Proxy-Authenticate")...)
		switch c.Name {
		case "challenge-none":
			if len(lines) != 0 {
				t.Errorf("%s has %q", c.Name, lines)
			}
		case "challenge-several-lines":
			if len(lines) != 3 {
				t.Errorf("%s has %q", c.Name, lines)
			}
		case "challenge-tab":
			if lines[0] != "Basic\trealm=\"gateway\"" {
				t.Errorf("%s has %q", c.Name, lines)
			}
		default:
			if len(lines) == 0 {
				t.Errorf("%s has no challenge", c.Name)
			}
		}
	}
}
