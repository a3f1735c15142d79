package api_test

import (
	"testing"

	"rollcall/internal/modeltest"
)

// readModel reads the service model of QuickSight's user plane.
func readModel(t testing.TB) *modeltest.Model {
	t.Helper()
	m := modeltest.Read(t, 69, "testdata/quicksight.json")
	// https://docs.aws.amazon.com/quicksight/latest/APIReference/API_Governance.html
	m.Values = map[string]modeltest.Shape{
		"DefaultCategoryEffect": {Type: "string", Enum: []string{"DENY_BY_DEFAULT"}},
	}
	m.Maps = map[string][]string{"Capabilities": capabilityStates(t, m)}
	return m
}
