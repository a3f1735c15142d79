package model

import (
	"reflect"
	"testing"
)

func TestAppendJSON(t *testing.T) {
	type tag struct {
		Key, Value *string
	}
	type input struct {
		AwsAccountId string `uri:"AwsAccountId"`
		UserName     *string
		Size         *int
		Good         *bool
		Secret       *string `check:"sensitive"`
		Names        []string
		Tags         []tag
		One          *tag
		Moods        map[string]string
		Absent       *string
		Renamed      *string `name:"arn"`
	}
	text, quoted, n, yes := "ana", "a\"b\n\xff", 7, true
	for want, in := range map[string]input{
		`{"awsAccountId":""}`: {},
		`{"awsAccountId":"1","userName":"ana","size":7,"good":true,"names":["x","y"],"tags":[{"key":"ana"},{}],"one":{"value":"ana"},"moods":{"A":"1","b":"2"},"arn":"a\"b\n�"}`: {
			AwsAccountId: "1", UserName: &text, Size: &n, Good: &yes, Secret: &text, Names: []string{"x", "y"},
			Tags: []tag{{Key: &text}, {}}, One: &tag{Value: &text}, Moods: map[string]string{"b": "2", "A": "1"}, Renamed: &quoted,
		},
	} {
		members, err := (&Rules{}).Members(reflect.TypeFor[input]())
		if err != nil {
			t.Fatal(err)
		}
		if got := string(AppendJSON(nil, members, reflect.ValueOf(in))); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
