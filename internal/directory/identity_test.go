package directory

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rollcall/internal/iamid"
	"rollcall/internal/store"
)

func TestIAMARNsThatLeadToSomebody(t *testing.T) {
	long := strings.Repeat("n", 64)
	for resource, want := range map[string]store.IAMIdentity{
		"user/ana":                {Kind: store.IAMUser, Name: "ana"},
		"user/division/team/ana":  {Kind: store.IAMUser, Name: "ana"},
		"user/a+b=c,d.e@f_g-h":    {Kind: store.IAMUser, Name: "a+b=c,d.e@f_g-h"},
		"user/" + long:            {Kind: store.IAMUser, Name: long},
		"user/root":               {Kind: store.IAMUser, Name: "root"},
		"user/role/ana":           {Kind: store.IAMUser, Name: "ana"},
		"role/embed":              {Kind: store.IAMRole, Name: "embed"},
		"role/service-role/embed": {Kind: store.IAMRole, Name: "embed"},
		"role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Example": {Kind: store.IAMRole, Name: "AWSReservedSSO_Example"},
		"role/" + strings.Repeat("p", 510) + "/embed":                          {Kind: store.IAMRole, Name: "embed"},
		"root": {Kind: store.IAMRoot, Name: account},
	} {
		t.Run(resource, func(t *testing.T) {
			got, ok := parseIAMARN("arn:aws:iam::"+account+":"+resource, account)
			if !ok {
				t.Fatal("it leads to nobody")
			}
			prefix := map[store.IAMKind]string{store.IAMUser: iamid.User, store.IAMRole: iamid.Role, store.IAMRoot: account}[want.Kind]
			if !strings.HasPrefix(got.UniqueID, prefix) {
				t.Errorf("unique id is %s, want it to begin with %s", got.UniqueID, prefix)
			}
			want.AccountID, want.UniqueID = account, got.UniqueID
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
}

func TestIAMARNsThatLeadToNobody(t *testing.T) {
	ours := "arn:aws:iam::" + account + ":"
	for _, arn := range []string{
		"", "ana", "arn", ours, account,
		"arn:aws:iam::999999999999:user/ana", "arn:aws:iam::999999999999:root", "arn:aws:iam:::user/ana",
		"arn:aws-cn:iam::" + account + ":user/ana", "arn:aws-us-gov:iam::" + account + ":user/ana",
		"arn:AWS:iam::" + account + ":user/ana", "ARN:aws:iam::" + account + ":user/ana",
		"arn:aws:iam:us-east-1:" + account + ":user/ana",
		"arn:aws:sts::" + account + ":assumed-role/embed/ana", "arn:aws:sts::" + account + ":user/ana",
		ours + "user", ours + "user/", ours + "role/", ours + "user/team/", ours + "/user/ana", ours + "user//ana",
		ours + "users/ana", ours + "User/ana", ours + "group/readers", ours + "instance-profile/embed", ours + "policy/x",
		ours + "Root", ours + "root/", ours + "root/ana", ours + "root ",
		ours + "user/ana ", ours + " user/ana", ours + "user/ana\n", "\n" + ours + "user/ana", ours + "user/a b",
		ours + "user/a:b", ours + "user/*", ours + "user/josé", ours + "user/a\x00b", ours + "role/te am/embed",
		ours + "user/" + strings.Repeat("n", 65), ours + "role/" + strings.Repeat("p", 511) + "/embed",
	} {
		t.Run(arn, func(t *testing.T) {
			if got, ok := parseIAMARN(arn, account); ok {
				t.Errorf("it leads to %+v", got)
			}
		})
	}
}

func TestUniqueIDsOfIAMIdentitiesAreNew(t *testing.T) {
	first, _ := parseIAMARN("arn:aws:iam::"+account+":user/ana", account)
	second, _ := parseIAMARN("arn:aws:iam::"+account+":user/ana", account)
	if first.UniqueID == second.UniqueID {
		t.Errorf("both are %s", first.UniqueID)
	}
}
