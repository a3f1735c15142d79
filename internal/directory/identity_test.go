package directory

import (
	"strings"
	"testing"

	"rollcall/internal/store"
)

func TestIAMARNsThatLeadToSomebody(t *testing.T) {
	long := strings.Repeat("n", 64)
	for resource, want := range map[string]iamPrincipal{
		"user/ana":                {kind: store.IAMUser, name: "ana"},
		"user/division/team/ana":  {kind: store.IAMUser, name: "ana"},
		"user/a+b=c,d.e@f_g-h":    {kind: store.IAMUser, name: "a+b=c,d.e@f_g-h"},
		"user/" + long:            {kind: store.IAMUser, name: long},
		"user/root":               {kind: store.IAMUser, name: "root"},
		"user/role/ana":           {kind: store.IAMUser, name: "ana"},
		"role/embed":              {kind: store.IAMRole, name: "embed"},
		"role/service-role/embed": {kind: store.IAMRole, name: "embed"},
		"role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Example": {kind: store.IAMRole, name: "AWSReservedSSO_Example"},
		"role/" + strings.Repeat("p", 510) + "/embed":                          {kind: store.IAMRole, name: "embed"},
		"root": {kind: store.IAMRoot, name: account},
	} {
		t.Run(resource, func(t *testing.T) {
			got, ok := parseIAMARN("arn:aws:iam::"+account+":"+resource, account)
			if !ok {
				t.Fatal("it leads to nobody")
			}
			want.arn = "arn:aws:iam::" + account + ":" + resource
			if got != want {
				t.Errorf("it is %+v, want %+v", got, want)
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
