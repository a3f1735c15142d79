package policy

import (
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// arn is the components of an ARN: arn, partition, service, region, account and
// resource. The resource may hold more colons.
type arn [6]string

// splitARN also counts the components that are there.
func splitARN(text string) (a arn, n int) {
	for n < len(a)-1 {
		before, after, found := strings.Cut(text, ":")
		a[n] = before
		n++
		if !found {
			return a, n
		}
		text = after
	}
	a[n] = text
	return a, n + 1
}

// matchARN compares component by component, so that a wildcard does not reach
// across a colon before the resource.
func matchARN(pattern, value string) bool {
	want, n := splitARN(pattern)
	got, m := splitARN(value)
	if n < len(want) || m < len(got) {
		return false
	}
	for i := range want {
		if !glob(want[i], got[i]) {
			return false
		}
	}
	return true
}

// parseResource reads an element of Resource. In it, unlike in ARN conditions,
// a wildcard reaches across colons.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func parseResource(text string, s syntax, where jsontext.Pointer) (*pattern, error) {
	if text != "*" {
		if err := checkARN(text, where); err != nil {
			return nil, err
		}
	}
	p, err := parsePattern(text, s)
	if err != nil {
		return nil, refuse(syntaxErrors, where, "%q: %v", text, err)
	}
	return p, nil
}

// checkARN accepts ARNs that are short, as IAM does, as long as none of their
// components is empty. Its error about a partition shows them completed.
func checkARN(text string, where jsontext.Pointer) error {
	a, n := splitARN(text)
	for i := n; i < len(a); i++ {
		a[i] = "*"
	}
	partition, service := a[1], a[2]
	switch {
	case n > 1 && !isPartition(partition):
		completed := "arn:" + strings.Join(a[1:], ":")
		return refuse(fmt.Sprintf(`Partition "%s" is not valid for resource "%s".`, clip(partition), clip(completed)), where, "")
	case n == 1, a[0] != "arn":
		return refuse(fmt.Sprintf(`Resource %s must be in ARN format or "*".`, clip(text)), where, "")
	case strings.ContainsAny(service, "*?"):
		return refuse(resourceVendor, where, "")
	case service == "":
		return refuse(legacyParsing, where, "%q names no service", text)
	case n < len(a) && strings.Contains(text, "::"):
		return refuse(legacyParsing, where, "%q has too few components", text)
	case strings.Contains(strings.Join(a[:5], ":"), "${"):
		return refuse(legacyParsing, where, "%q has a variable before the resource", text)
	}
	return nil
}

// isPartition takes any name like those of AWS, and wildcards.
func isPartition(s string) bool {
	return s == "aws" || strings.HasPrefix(s, "aws-") || strings.ContainsAny(s, "*?")
}
