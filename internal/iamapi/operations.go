package iamapi

import (
	"context"

	"rollcall/internal/awsquery"
	"rollcall/internal/iam"
	"rollcall/internal/model"
)

// Namespaces of the services' documents.
const (
	iamNamespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	stsNamespace = "https://sts.amazonaws.com/doc/2011-06-15/"
)

// service is a service of the query protocol.
type service struct {
	namespace  string
	operations awsquery.Table[*operation]
}

// operation is a row of a service's table.
type operation struct {
	name    string
	handler *awsquery.Handler[*iam.Key]
}

// rules are the patterns and enumerations that the inputs' check tags name.
var rules = &model.Rules{}

// handle makes the handler of an operation from its function.
func handle[In, Out any](fn func(context.Context, *iam.Key, *In) (*Out, error)) *awsquery.Handler[*iam.Key] {
	return awsquery.Handle(rules, fn)
}

// services are what the API answers, by service.
func services() map[string]*service {
	return map[string]*service{
		"iam": newService(iamNamespace, "2010-05-08"),
		"sts": newService(stsNamespace, "2011-06-15",
			operation{"GetCallerIdentity", handle(getCallerIdentity)},
		),
	}
}

func newService(namespace, version string, operations ...operation) *service {
	s := &service{namespace: namespace}
	s.operations.Version = version
	for _, op := range operations {
		s.operations.Add(op.name, &op)
	}
	return s
}
