package server

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const ninetyDays = 90 * 24 * time.Hour

func TestWithDefaults(t *testing.T) {
	tests := []struct {
		name string
		give Config
		want Config
	}{
		{"Zero", Config{}, Config{
			Listen: "127.0.0.1:7655", DataDir: "rollcall-data",
			Database: filepath.Join("rollcall-data", "rollcall.db"),
			KeyFile:  filepath.Join("rollcall-data", "master.key"), AuditKeep: ninetyDays,
		}},
		{"InTheDataDirectory", Config{DataDir: "here"}, Config{
			Listen: "127.0.0.1:7655", DataDir: "here",
			Database: filepath.Join("here", "rollcall.db"),
			KeyFile:  filepath.Join("here", "master.key"), AuditKeep: ninetyDays,
		}},
		{"Given", Config{Listen: ":1", DataDir: "a", Database: "b", KeyFile: "c", AuditKeep: 1},
			Config{Listen: ":1", DataDir: "a", Database: "b", KeyFile: "c", AuditKeep: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			have := tt.give.withDefaults()
			if have.Out == nil || have.Log == nil || have.Now == nil {
				t.Error("Out, Log or Now has no default")
			}
			have.Out, have.Log, have.Now = nil, nil, nil
			if diff := cmp.Diff(tt.want, have); diff != "" {
				t.Errorf("-want +have:\n%s", diff)
			}
		})
	}
}

// checkCase is a configuration and a part of the error that it gets.
type checkCase struct {
	name string
	give Config
	want string // "": it is good
}

func (tt checkCase) run(t *testing.T) {
	t.Run(tt.name, func(t *testing.T) {
		err := tt.give.withDefaults().check()
		switch {
		case tt.want == "":
			if err != nil {
				t.Errorf("%q, want none", err)
			}
		case err == nil || !strings.Contains(err.Error(), tt.want):
			t.Errorf("error %v, want %q", err, tt.want)
		}
	})
}

func TestCheckListener(t *testing.T) {
	const (
		clear = "passwords travel here"
		dev   = "listens on loopback only"
		link  = "needs --public-url"
	)
	public := Config{PublicURL: "https://directory.example.com"}
	with := func(c Config, listen string, change func(*Config)) Config {
		c.Listen = listen
		if change != nil {
			change(&c)
		}
		return c
	}
	proxied := func(c *Config) { c.BehindProxy = true }
	secured := func(c *Config) { c.TLSCert, c.TLSKey = "cert.pem", "key.pem" }
	devved := func(c *Config) { c.Dev = true }
	for _, tt := range []checkCase{
		{"Default", Config{}, ""},
		{"LoopbackName", with(Config{}, "localhost:0", nil), ""},
		{"Loopback4", with(Config{}, "127.0.0.53:0", nil), ""},
		{"Loopback6", with(Config{}, "[::1]:0", nil), ""},
		{"LoopbackTLS", with(Config{}, "127.0.0.1:0", secured), ""},
		{"LoopbackDev", with(Config{}, "127.0.0.1:0", devved), ""},

		{"ErrEverywhereInTheClear", with(public, ":0", nil), clear},
		{"ErrAny4InTheClear", with(public, "0.0.0.0:0", nil), clear},
		{"ErrAny6InTheClear", with(public, "[::]:0", nil), clear},
		{"ErrAddressInTheClear", with(public, "192.0.2.1:0", nil), clear},
		{"ErrNameInTheClear", with(public, "directory.example.com:0", nil), clear},
		{"ErrLoopbackLookalikeInTheClear", with(public, "localhost.example.com:0", nil), clear},
		{"EverywhereTLS", with(public, ":0", secured), ""},
		{"EverywhereBehindProxy", with(public, ":0", proxied), ""},
		{"ErrTLSWithoutPublicURL", with(Config{}, ":0", secured), link},
		{"ErrProxyWithoutPublicURL", with(Config{}, ":0", proxied), link},

		{"ErrDevEverywhere", with(public, ":0", devved), dev},
		{"ErrDevWithPublicURL", with(Config{PublicURL: "https://directory.example.com"}, "127.0.0.1:0", devved), dev},
		{"ErrDevBehindProxyOnLoopback", with(Config{}, "127.0.0.1:0", func(c *Config) { devved(c); proxied(c) }), dev},
		{"ErrDevBehindProxy", with(public, ":0", func(c *Config) { devved(c); proxied(c) }), dev},
		{"ErrDevTLS", with(public, ":0", func(c *Config) { devved(c); secured(c) }), dev},

		{"ErrCertAlone", Config{TLSCert: "cert.pem"}, "--tls-cert and --tls-key belong together"},
		{"ErrKeyAlone", Config{TLSKey: "key.pem"}, "--tls-cert and --tls-key belong together"},
		{"ErrNoPort", Config{Listen: "localhost"}, `--listen "localhost": want host:port`},
		{"ErrBareIPv6", Config{Listen: "::1"}, `--listen "::1": want host:port`},
	} {
		tt.run(t)
	}
}

func TestCheckPublicURL(t *testing.T) {
	const (
		origin = "want scheme and host alone"
		secure = "want https"
	)
	for _, tt := range []struct{ url, want string }{
		{"https://directory.example.com", ""},
		{"https://directory.example.com/", ""},
		{"https://directory.example.com:8443", ""},
		{"https://192.0.2.1", ""},
		{"https://[2001:db8::1]:8443", ""},
		{"http://localhost:7655", ""},
		{"http://127.0.0.1", ""},
		{"http://[::1]:7655/", ""},

		{"http://directory.example.com", secure},
		{"http://192.0.2.1:7655", secure},
		{"http://localhost.example.com", secure},
		{"ftp://directory.example.com", secure},
		{"//directory.example.com", secure},

		{"directory.example.com", origin},
		{"directory.example.com:443", origin},
		{"https:directory.example.com", origin},
		{"https://", origin},
		{"https:///sn", origin},
		{"https://ana@directory.example.com", origin},
		{"https://ana:secret@directory.example.com", origin},
		{"https://directory.example.com/rollcall", origin},
		{"https://directory.example.com//", origin},
		{"https://directory.example.com?a=b", origin},
		{"https://directory.example.com?", origin},
		{"https://directory.example.com#top", origin},
		{"https://directory.example.com#", origin},
		{"https://directory example.com", origin},
		{" https://directory.example.com", origin},
	} {
		checkCase{tt.url, Config{PublicURL: tt.url}, tt.want}.run(t)
	}
}

func TestCheckAccount(t *testing.T) {
	const (
		id     = "want 12 digits"
		name   = "want up to 62 letters, digits and hyphens"
		region = "want a region such as us-east-1"
	)
	for _, tt := range []checkCase{
		{"ID", Config{AccountID: "000000000000"}, ""},
		{"ErrIDOf11", Config{AccountID: "11112222333"}, id},
		{"ErrIDOf13", Config{AccountID: "1111222233334"}, id},
		{"ErrIDWithHyphens", Config{AccountID: "1111-2222-3333"}, id},
		{"ErrIDWithLineEnd", Config{AccountID: "111122223333\n"}, id},
		{"ErrIDOfOtherDigits", Config{AccountID: "١١١١٢٢٢٢٣٣٣٣"}, id},

		{"NameOf1", Config{AccountName: "a"}, ""},
		{"NameOf62", Config{AccountName: strings.Repeat("a", 62)}, ""},
		{"NameWithHyphens", Config{AccountName: "Acme--Europe-1"}, ""},
		{"NameOfD", Config{AccountName: "d"}, ""},
		{"ErrNameOf63", Config{AccountName: strings.Repeat("a", 63)}, name},
		{"ErrNameBeginsWithHyphen", Config{AccountName: "-acme"}, name},
		{"ErrNameEndsWithHyphen", Config{AccountName: "acme-"}, name},
		{"ErrNameLikeADirectory", Config{AccountName: "d-acme"}, name},
		{"ErrNameLikeADirectoryInCapitals", Config{AccountName: "D-acme"}, name},
		{"ErrNameWithSpace", Config{AccountName: "acme europe"}, name},
		{"ErrNameWithLineEnd", Config{AccountName: "acme\n"}, name},
		{"ErrNameWithAccent", Config{AccountName: "acmé"}, name},

		{"Region", Config{Region: "ap-southeast-2"}, ""},
		{"RegionOfGovernment", Config{Region: "us-gov-west-1"}, ""},
		{"RegionSovereign", Config{Region: "eusc-de-east-1"}, ""},
		{"ErrRegionInCapitals", Config{Region: "US-EAST-1"}, region},
		{"ErrZone", Config{Region: "us-east-1a"}, region},
		{"ErrRegionWithoutNumber", Config{Region: "us-east"}, region},
		{"ErrRegionWithSlash", Config{Region: "us-east-1/x"}, region},

		{"MaxUsers", Config{MaxUsers: 1}, ""},
		{"ErrMaxUsersNegative", Config{MaxUsers: -1}, "--max-users -1: want 0 or more"},
		{"ErrDatabaseElsewhere", Config{Database: "postgres://localhost/rollcall"}, "want the path of a SQLite file"},
	} {
		tt.run(t)
	}
}
