package iamapi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/apitest"
)

// clientIDs and thumbprints are the parameters of lists.
func clientIDs(all ...string) []string   { return listOf("ClientIDList", all) }
func thumbprints(all ...string) []string { return listOf("ThumbprintList", all) }

func listOf(name string, all []string) []string {
	var parameters []string
	for i, value := range all {
		parameters = append(parameters, fmt.Sprintf("%s.member.%d", name, i+1), value)
	}
	return parameters
}

// numbered are n different texts of 40 characters.
func numbered(n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("%040d", i))
	}
	return all
}

// members gives the texts of a list by its name.
func members(a apitest.XML, name string) []string {
	_, text, _ := strings.Cut(a.Text, "<"+name+">")
	text, _, _ = strings.Cut(text, "</"+name+">")
	a.Text = text
	return elements(a, "member")
}

func TestAProviderIsShownInFullButForItsScheme(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	arn := providerARN("id.example.com/realms/Sales/")
	made := c.OK(t, "iam", "CreateOpenIDConnectProvider", slices.Concat(is("Url", "https://id.example.com/realms/Sales/"),
		clientIDs("b", "a <&>", "b"), thumbprints(numbered(2)...), tagList("team", "x"))...)
	got := c.OK(t, "iam", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", arn)
	if made.Get("OpenIDConnectProviderArn") != arn || made.Get("Key") != "team" || got.Get("Url") != "id.example.com/realms/Sales/" ||
		got.Get("Key") != "team" || got.Get("CreateDate") == "" {
		t.Errorf("made %s\nis %s", made.Text, got.Text)
	}
	if diff := cmp.Diff([][]string{{"b", "a &lt;&amp;&gt;"}, numbered(2)}, [][]string{members(got, "ClientIDList"), members(got, "ThumbprintList")}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	all := c.OK(t, "iam", "ListOpenIDConnectProviders")
	if diff := cmp.Diff(is(arn), elements(all, "Arn")); diff != "" || strings.Contains(all.Text, "team") {
		t.Errorf("listed (-want +got):\n%s%s", diff, all.Text)
	}
}

// Lists that are empty are there all the same.
func TestABareProvider(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	if a := c.OK(t, "iam", "ListOpenIDConnectProviders"); !strings.Contains(a.Text, "<OpenIDConnectProviderList>") {
		t.Error(a.Text)
	}
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com")
	a := c.OK(t, "iam", "GetOpenIDConnectProvider", "OpenIDConnectProviderArn", providerARN("id.example.com"))
	if !strings.Contains(a.Text, "<ClientIDList>") || !strings.Contains(a.Text, "<ThumbprintList>") || strings.Contains(a.Text, "member") {
		t.Error(a.Text)
	}
}

func TestURLsOfProviders(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	create := func(url, want string) call { return call{"CreateOpenIDConnectProvider", is("Url", url), want} }
	good := is("https://id.example.com", "https://id.example.com/", "https://ID.example.com", "https://id.example.com/a", "https://id.example.com:8443/a",
		"https://login.example.com/0a-_~%20/v2.0:@!,;=+&'()", "https://localhost", "https://10.0.0.1/x")
	for _, url := range good {
		run(t, c, create(url, ""), create(url, "409 EntityAlreadyExists Provider with url "+url+" already exists."),
			call{"GetOpenIDConnectProvider", is("OpenIDConnectProviderArn", providerARN(strings.TrimPrefix(url, "https://"))), ""})
	}
	for _, url := range []string{
		"id.example.com", "http://id.example.com", "HTTPS://id.example.com", "https://", "https:///a", "https://./a", "https://id..com", "https://id.example.com./", "https://id.example.com?a=b", "https://id.example.com/?",
		"https://id.example.com/a#b", "https://id.example.com#", "https://ana@id.example.com", "https://ana:pw@id.example.com/a", "https://id.example.com:/a",
		"https://id.example.com/*", "https://*.example.com", "https://id.example.com/a b", "https://id.example.com/é", "https://id.example.com/\n", "x https://id.example.com/b",
		"https://id.example.com/${aws:username}", `https://id.example.com\a`,
	} {
		run(t, c, create(url, "400 ValidationError Invalid Open ID Connect Provider URL"))
	}
	if n := len(elements(c.OK(t, "iam", "ListOpenIDConnectProviders"), "Arn")); n != len(good) {
		t.Errorf("%d providers, want %d", n, len(good))
	}
}

func TestRulesOfProviders(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com")
	of, other := is("OpenIDConnectProviderArn", providerARN("id.example.com")), is("OpenIDConnectProviderArn", providerARN("ID.example.com"))
	missing := "404 NoSuchEntity OpenIDConnect Provider not found for arn " + other[1]
	tooMany := "400 InvalidInput Thumbprint list must contain fewer than 5 entries."
	full := "409 LimitExceeded Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100"
	with := func(of []string, more ...string) []string { return slices.Concat(of, more) }
	run(t, c,
		call{"CreateOpenIDConnectProvider", with(is("Url", "https://a.org"), thumbprints(numbered(6)...)...), tooMany},
		call{"CreateOpenIDConnectProvider", with(is("Url", "https://a.org"), thumbprints(numbered(5)...)...), ""},
		call{"CreateOpenIDConnectProvider", with(is("Url", "https://b.org"), clientIDs(numbered(101)...)...), full},
		call{"CreateOpenIDConnectProvider", with(is("Url", "https://b.org"), clientIDs(append(numbered(100), numbered(1)...)...)...), ""},
		call{"AddClientIDToOpenIDConnectProvider", is("OpenIDConnectProviderArn", providerARN("b.org"), "ClientID", "app"), full},
		call{"AddClientIDToOpenIDConnectProvider", is("OpenIDConnectProviderArn", providerARN("b.org"), "ClientID", numbered(100)[99]), ""},

		call{"GetOpenIDConnectProvider", other, missing},
		call{"AddClientIDToOpenIDConnectProvider", with(other, "ClientID", "app"), missing},
		call{"RemoveClientIDFromOpenIDConnectProvider", with(other, "ClientID", "app"), missing},
		call{"UpdateOpenIDConnectProviderThumbprint", with(other, "ThumbprintList", ""), missing},
		call{"DeleteOpenIDConnectProvider", other, ""}, // as documented

		call{"UpdateOpenIDConnectProviderThumbprint", with(of, thumbprints(numbered(6)...)...), tooMany},
		call{"UpdateOpenIDConnectProviderThumbprint", with(of, thumbprints(numbered(5)...)...), ""},
		call{"UpdateOpenIDConnectProviderThumbprint", with(of, "ThumbprintList", ""), ""},
		call{"DeleteOpenIDConnectProvider", of, ""},
		call{"DeleteOpenIDConnectProvider", of, ""},
		call{"GetOpenIDConnectProvider", of, "404 NoSuchEntity OpenIDConnect Provider not found for arn " + of[1]},
		call{"CreateOpenIDConnectProvider", is("Url", "https://id.example.com"), ""},
	)
}

func TestClientIDsAreAddedAndRemovedOnce(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateOpenIDConnectProvider", slices.Concat(is("Url", "https://id.example.com"), thumbprints(numbered(1)...), clientIDs("b"))...)
	of := is("OpenIDConnectProviderArn", providerARN("id.example.com"))
	for _, step := range []struct {
		action, id string
		want       []string
	}{
		{"AddClientIDTo", "a", is("b", "a")},
		{"AddClientIDTo", "b", is("b", "a")},
		{"AddClientIDTo", "A", is("b", "a", "A")},
		{"RemoveClientIDFrom", "a", is("b", "A")},
		{"RemoveClientIDFrom", "a", is("b", "A")},
		{"RemoveClientIDFrom", "b", is("A")},
		{"RemoveClientIDFrom", "A", is()},
		{"AddClientIDTo", "b", is("b")},
	} {
		c.OK(t, "iam", step.action+"OpenIDConnectProvider", append(slices.Clone(of), "ClientID", step.id)...)
		a := c.OK(t, "iam", "GetOpenIDConnectProvider", of...)
		if got := members(a, "ClientIDList"); !slices.Equal(got, step.want) || !slices.Equal(members(a, "ThumbprintList"), numbered(1)) {
			t.Errorf("%s %s: %v, want %v in %s", step.action, step.id, got, step.want, a.Text)
		}
	}
}

func TestThumbprintsAreReplaced(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateOpenIDConnectProvider", slices.Concat(is("Url", "https://id.example.com"), thumbprints(numbered(3)...), clientIDs("app"))...)
	of := is("OpenIDConnectProviderArn", providerARN("id.example.com"))
	want := is(strings.Repeat("f", 40), strings.Repeat("A", 40))
	c.OK(t, "iam", "UpdateOpenIDConnectProviderThumbprint", slices.Concat(of, thumbprints(want...))...)
	a := c.OK(t, "iam", "GetOpenIDConnectProvider", of...)
	if got := members(a, "ThumbprintList"); !slices.Equal(got, want) || !slices.Equal(members(a, "ClientIDList"), is("app")) {
		t.Error(a.Text)
	}
}

func TestAHundredProvidersAreTheMost(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	var want []string
	for i := range 100 {
		url := fmt.Sprintf("id.example.com/%02d", i)
		want = append(want, providerARN(url))
		c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://"+url)
	}
	create := func(url, want string) call { return call{"CreateOpenIDConnectProvider", is("Url", url), want} }
	run(t, c,
		create("https://id.example.com/a", "409 LimitExceeded Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100"),
		create("https://id.example.com/07", "409 EntityAlreadyExists Provider with url https://id.example.com/07 already exists."),
	)
	if diff := cmp.Diff(want, elements(c.OK(t, "iam", "ListOpenIDConnectProviders"), "Arn")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	run(t, c, call{"DeleteOpenIDConnectProvider", is("OpenIDConnectProviderArn", want[3]), ""}, create("https://id.example.com/a", ""))
}

// ofOneProvider are all calls about a provider, with what else they need.
var ofOneProvider = map[string][]string{
	"GetOpenIDConnectProvider": nil, "DeleteOpenIDConnectProvider": nil, "AddClientIDToOpenIDConnectProvider": is("ClientID", "app"),
	"RemoveClientIDFromOpenIDConnectProvider": is("ClientID", "app"), "UpdateOpenIDConnectProviderThumbprint": is("ThumbprintList", ""),
	"TagOpenIDConnectProvider": is("Tags", ""), "UntagOpenIDConnectProvider": is("TagKeys", ""), "ListOpenIDConnectProviderTags": nil,
}

func TestAnARNThatIsNoProvidersIsInvalidInput(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	for _, arn := range []string{
		"00000000000000000000", policyARN("p"), providerARN(""), providerARN("/a"), providerARN("https://id.example.com"), providerARN("id.example.com?a"),
		providerARN("*"), providerARN("id.example.com") + "\n", "arn:aws:iam::12345:oidc-provider/id.example.com", "arn:aws:iam::aws:oidc-provider/id.example.com",
		"x" + providerARN("id.example.com"),
	} {
		for action, more := range ofOneProvider {
			run(t, c, call{action, append(is("OpenIDConnectProviderArn", arn), more...), "400 InvalidInput ARN " + arn + " is not valid."})
		}
	}
}

func TestAnotherAccountsProviderIsDenied(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	c.OK(t, "iam", "CreateOpenIDConnectProvider", "Url", "https://id.example.com")
	arn := "arn:aws:iam::999999999999:oidc-provider/id.example.com"
	for action, more := range ofOneProvider {
		run(t, c, call{action, append(is("OpenIDConnectProviderArn", arn), more...), "403 AccessDenied User: arn:aws:iam::" + account +
			":root is not authorized to perform: iam:" + action + " on resource: " + arn + " because no resource-based policy allows the iam:" + action + " action"})
	}
}

// Roles that trust a provider keep nobody from deleting it, and stay as they
// are.
func TestATrustedProviderIsDeleted(t *testing.T) {
	t.Parallel()
	c := newRoot(t)
	of := is("OpenIDConnectProviderArn", providerARN("id.example.com"))
	trust := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + of[1] + `"},"Action":"sts:AssumeRoleWithWebIdentity"}}`
	run(t, c,
		call{"CreateOpenIDConnectProvider", is("Url", "https://id.example.com"), ""},
		call{"CreateRole", is("RoleName", "reader", "AssumeRolePolicyDocument", trust), ""},
		call{"DeleteOpenIDConnectProvider", of, ""},
	)
	if got := document(t, c.OK(t, "iam", "GetRole", "RoleName", "reader"), "AssumeRolePolicyDocument"); got != trust {
		t.Error(got)
	}
}
