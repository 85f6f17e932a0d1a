package tagging

import "strings"

// news is what an event says of tags.
type news int

const (
	noNews   news = iota
	attached      // objects have other tags
	renamed       // tags or categories came, went or have other names
)

// newsOf goes by the words of the ID. vCenter's are com.vmware.cis.tagging.attach and detach, which name no object by its
// reference, and com.vmware.cis.CreateTag, UpdateTag, DeleteTag, CreateCategory and so on; another that is like them costs no more
// than a reading.
func newsOf(eventTypeID string) news {
	words, ours := strings.CutPrefix(eventTypeID, "com.vmware.cis.")
	if !ours { // as nearly all
		return noNews
	}
	words = strings.ToLower(words)
	switch {
	case words == "tagging.attach", words == "tagging.detach":
		return attached
	case strings.Contains(words, "tag"), strings.Contains(words, "category"):
		return renamed
	}
	return noNews
}
