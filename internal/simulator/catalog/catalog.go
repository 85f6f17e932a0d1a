package catalog

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"

	"github.com/vmware/govmomi/vim25/types"
)

//go:embed classes.txt
var classNames string

// Classes are the names of all event classes that govmomi knows, but for Event itself and EventEx.
var Classes = sync.OnceValue(func() []string { return strings.Fields(classNames) })

// Description is the value of EventManager.description.
var Description = sync.OnceValue(func() types.EventDescription {
	d := types.EventDescription{Category: categories}
	for _, class := range Classes() {
		d.EventInfo = append(d.EventInfo, classDetail(class))
	}
	for _, x := range Extended {
		d.EventInfo = append(d.EventInfo, x.detail())
	}
	return d
})

var categories = []types.BaseElementDescription{
	&types.ElementDescription{Key: "info", Description: types.Description{Label: "Information", Summary: "Information"}},
	&types.ElementDescription{Key: "warning", Description: types.Description{Label: "Warning", Summary: "Warning"}},
	&types.ElementDescription{Key: "error", Description: types.Description{Label: "Error", Summary: "Error"}},
	&types.ElementDescription{Key: "user", Description: types.Description{Label: "User", Summary: "User"}},
}

var byTypeID = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for _, class := range Classes() {
		m[class] = classCategory(class)
	}
	for _, x := range Extended {
		m[x.ID] = x.Category
	}
	return m
})

// Category is the category of an event type, "" where the catalog does not have it.
func Category(typeID string) string { return byTypeID()[typeID] }

func classDetail(class string) types.EventDescriptionEventDetail {
	text := words(strings.TrimSuffix(class, "Event"))
	return types.EventDescriptionEventDetail{
		Key: class, Description: text, Category: classCategory(class),
		FormatOnDatacenter: text, FormatOnComputeResource: text, FormatOnHost: text, FormatOnVm: text, FullFormat: text,
	}
}

// rules find a category by words in a class's name; the first that fits decides.
var rules = []struct{ category, words string }{
	{"user", "GeneralUserEvent"},
	{"info", "NoPermission Notifier Cleared Restored Resolved Enough"},
	{"error", "Failed Failure Error Lost Invalid Bad Duplicate Exceeded Insufficient Unable Cannot Incompatible NotLicensed Conflict Unsupported Disaster Fatal"},
	{"warning", "Warning Expired Overcommitted Disconnected Inconsistent OutOfSync NonCompliant NotFound NotEnough AlreadyRunning Skipped Deprecated Timeout TimedOut Degraded Missing Orphaned"},
}

func classCategory(class string) string {
	for _, rule := range rules {
		for word := range strings.FieldsSeq(rule.words) {
			if strings.Contains(class, word) {
				return rule.category
			}
		}
	}
	return "info"
}

// words makes "Vm powered on" of VmPoweredOn.
func words(camel string) string {
	var b strings.Builder
	for i, r := range camel {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte(' ')
			r = unicode.ToLower(r)
		}
		b.WriteRune(r)
	}
	return b.String()
}
