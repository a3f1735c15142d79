package directory

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// placedCapability is a capability with what the tree puts it under.
type placedCapability struct {
	Capability
	parent string
	area   string
}

func placedCapabilities() []placedCapability {
	var all []placedCapability
	var place func(area, parent string, cs []Capability)
	place = func(area, parent string, cs []Capability) {
		for _, c := range cs {
			all = append(all, placedCapability{c, parent, area})
			place(area, c.Name, c.Children)
		}
	}
	for _, area := range CapabilityAreas() {
		place(area.Name, area.Parent, area.Capabilities)
	}
	return all
}

func TestCapabilityTreeHasEachOnce(t *testing.T) {
	var names []string
	for _, c := range placedCapabilities() {
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(capabilities)), names); diff != "" {
		t.Errorf("(-service model +tree):\n%s", diff)
	}
}

func TestCapabilityParents(t *testing.T) {
	before := map[string]bool{"": true}
	for _, c := range placedCapabilities() {
		if got := ParentOf(c.Name); got != c.parent {
			t.Errorf("ParentOf(%q) = %q, in the tree %q", c.Name, got, c.parent)
		}
		if !before[c.parent] {
			t.Errorf("%s comes before its parent %q or without it", c.Name, c.parent)
		}
		before[c.Name] = true
	}
	if got := ParentOf("NoSuchCapability"); got != "" {
		t.Errorf("ParentOf(NoSuchCapability) = %q", got)
	}
}

// capabilityBadges has rows of what the console groups and marks: + is of the
// category AI, - is not. Under a capability follow those denied with it.
const capabilityBadges = `
+Apps: +CreateAndUpdateApps +ShareApps +InvokeAppsAIInference +AccessAppsNativeDataStore
+Automate:
+ChatAgent: +CreateChatAgents +ShareChatAgents
+Extension: +UseBrowserExtension +UseWordAddInExtension +UseOutlookAddInExtension +UseExcelAddInExtension +UsePowerpointAddInExtension
+Flow: +PerformFlowUiTask +ApproveFlowShareRequests +PublishWithoutApproval +UseBedrockModels
+Research:
+Space: +CreateSpaces +ShareSpaces
+Trigger: +ScheduleTrigger +InboundEmailTrigger +QuickEventTrigger
+UseAgentWebSearch:
-Analysis: +BuildCalculatedFieldWithQ +EditVisualWithQ +GenerateAnalyses -ShareAnalyses
+AddOrRunAnomalyDetectionForAnalyses:
-Dashboard: +CreateDashboardExecutiveSummaryWithQ -ShareDashboards -SubscribeDashboardEmailReports
+Scenario:
+Story:
+Topic:
-CreateAndUpdateDatasets: -CreateSPICEDataset
-ManageSharedFolders: -CreateSharedFolders -RenameSharedFolders
-ShareDatasets:
-CreateAndUpdateDataSources:
-ShareDataSources:
-ViewAccountSPICECapacity:
-CreateAndUpdateThemes:
-CreateAndUpdateThresholdAlerts:
-CreateAndUpdateDashboardEmailReports:
-ExportToCsv:
-ExportToExcel:
-ExportToPdf:
-PrintReports:
-ExportToPdfInScheduledReports:
-ExportToCsvInScheduledReports:
-ExportToExcelInScheduledReports:
-IncludeContentInScheduledReportsEmail:
-SelfUpgradeUserRole:
+SharePointKnowledgeBase: +CreateAndUpdateSharePointKnowledgeBase +ShareSharePointKnowledgeBase +UseSharePointKnowledgeBase
+JiraAction: +CreateAndUpdateJiraAction +ShareJiraAction +UseJiraAction
+GongAction: +CreateAndUpdateGongAction +ShareGongAction +UseGongAction
-JiraDataSource: -CreateJiraDataSource -UpdateJiraDataSource -ShareJiraDataSource
`

func TestCapabilityBadges(t *testing.T) {
	under := map[string][]string{}
	sign := map[string]string{}
	for _, c := range placedCapabilities() {
		sign[c.Name] = map[bool]string{true: "+", false: "-"}[c.AI] + c.Name
		under[c.parent] = append(under[c.parent], sign[c.Name])
	}
	for line := range strings.Lines(strings.TrimSpace(capabilityBadges)) {
		parent, children, _ := strings.Cut(strings.TrimSpace(line), ":")
		name := parent[1:]
		t.Run(name, func(t *testing.T) {
			if sign[name] != parent {
				t.Errorf("is %q, want %q", sign[name], parent)
			}
			want := strings.Fields(children)
			if diff := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(under[name]))); diff != "" {
				t.Errorf("children (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	actionConnector = regexp.MustCompile(`^.+Action$`)
	knowledgeSource = regexp.MustCompile(`^.+KnowledgeBase$`)
	onConnector     = regexp.MustCompile(`^(?:CreateAndUpdate|Create|Update|Share|Use)(.+)$`)
)

// TestCapabilityConnectors reads names as people do, other than the code that
// makes the tree.
func TestCapabilityConnectors(t *testing.T) {
	for name := range capabilities {
		want := ParentOf(name)
		verb := onConnector.FindStringSubmatch(name)
		switch {
		case verb != nil && capabilities[verb[1]]:
			want = verb[1]
		case actionConnector.MatchString(name):
			want = "Action"
		case knowledgeSource.MatchString(name):
			want = "KnowledgeBase"
		case strings.HasSuffix(name, "DataSource"):
			want = ""
		}
		if got := ParentOf(name); got != want {
			t.Errorf("ParentOf(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestCapabilityContainsAI(t *testing.T) {
	var got []string
	for _, c := range placedCapabilities() {
		if c.ContainsAI() {
			got = append(got, c.Name)
		}
	}
	if diff := cmp.Diff([]string{"Dashboard", "Analysis"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// camelCaseBrands are spelled that way by their owners.
var camelCaseBrands = strings.Fields(`
	BambooHR BigQuery DocumentDB DynamoDB FactSet GenAI GitHub HubSpot MariaDB MongoDB OneDrive OneNote
	OpenAPI OpenSearch PagerDuty PayPal PowerPoint PostgreSQL QuickBooks QuickSight ServiceNow SharePoint
	WhatsApp ZoomInfo MySQL
`)

var camelCase = regexp.MustCompile(`[a-z][A-Z]`)

func TestCapabilityLabels(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range placedCapabilities() {
		place := fmt.Sprintf("%s under %q in %s", c.Label, c.parent, c.area)
		if seen[place] {
			t.Errorf("%s: label %q is of a sibling, too", c.Name, c.Label)
		}
		seen[place] = true
		checkLabel(t, c.Name, c.Label)
	}
	for _, area := range CapabilityAreas() {
		checkLabel(t, area.Name, area.Label)
	}
}

func checkLabel(t *testing.T, name, label string) {
	t.Helper()
	if strings.Join(strings.Fields(label), " ") != label || label == "" {
		t.Errorf("%s: label %q has blanks at an end, two in a row, or nothing else", name, label)
	}
	if first := label[:min(1, len(label))]; first != strings.ToUpper(first) {
		t.Errorf("%s: label %q begins small", name, label)
	}
	for word := range strings.FieldsSeq(label) {
		word = strings.Trim(word, "(),")
		if camelCase.MatchString(word) && !slices.Contains(camelCaseBrands, word) {
			t.Errorf("%s: label %q has %q", name, label, word)
		}
	}
}

// TestCapabilityConnectorOrder: people look for a connector by its letter.
func TestCapabilityConnectorOrder(t *testing.T) {
	labels := map[string][]string{}
	for _, c := range placedCapabilities() {
		if strings.HasSuffix(c.Name, "DataSource") && c.parent == "" || ParentOf(c.Name) == "Action" {
			labels[c.area] = append(labels[c.area], strings.ToLower(c.Label))
		}
	}
	for area, letters := range map[string]string{
		"data-sources-a-d": "ad", "data-sources-e-o": "eo", "data-sources-p-z": "pz",
		"actions-a-c": "ac", "actions-d-g": "dg", "actions-h-p": "hp", "actions-q-z": "qz"} {
		l := labels[area]
		if len(l) == 0 || !slices.IsSorted(l) {
			t.Fatalf("%s: not in order: %q", area, l)
		}
		if l[0][0] < letters[0] || l[len(l)-1][0] > letters[1] {
			t.Errorf("%s: from %q to %q", area, l[0], l[len(l)-1])
		}
	}
}

func TestCapabilityAreas(t *testing.T) {
	const maxRows = 90 // more would make a page of over 50 kB
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	rows := map[string]int{}
	for _, c := range placedCapabilities() {
		rows[c.area]++
	}
	seen := map[string]bool{}
	for _, area := range CapabilityAreas() {
		t.Logf("%s: %d", area.Name, rows[area.Name])
		if !name.MatchString(area.Name) || seen[area.Name] {
			t.Errorf("%q is not fit for an URL or not the only one", area.Name)
		}
		seen[area.Name] = true
		if n := rows[area.Name]; n == 0 || n > maxRows {
			t.Errorf("%s has %d rows, want 1 to %d", area.Name, n, maxRows)
		}
		if area.Parent != "" && !IsCapability(area.Parent) {
			t.Errorf("%s: no capability %q", area.Name, area.Parent)
		}
	}
}
