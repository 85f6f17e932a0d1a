package property

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/vmware/govmomi/vapi/rest"
	"github.com/vmware/govmomi/vapi/tags"
	"github.com/vmware/govmomi/vim25/types"
)

// Tagging is the tagging API as far as it reads, and the sessions that it wants. Its paths begin with TaggingPath.
type Tagging struct {
	inventory *Inventory
	mux       *http.ServeMux

	mu       sync.Mutex // guards the fields below
	sessions map[string]rest.Session
	stats    TaggingStats
	absent   bool
	strict   bool
	hidden   map[types.ManagedObjectReference]bool
}

// TaggingStats say what became of the API so far.
type TaggingStats struct {
	Sessions int            // that live
	Logins   int            // that were accepted
	Refused  int            // logins that were not
	Logouts  int            // of sessions that lived
	Calls    map[string]int // by method and path, and action where there is one: "POST tagging/tag-association list-attached-tags"
}

// MaxTaggedObjects is how many objects one request may ask for.
const MaxTaggedObjects = 2000

// TaggingPath is where the tagging API begins.
const TaggingPath = "/rest/com/vmware/cis/"

const sessionHeader = "vmware-api-session-id"

// NewTagging makes the API of an inventory.
func NewTagging(i *Inventory) *Tagging {
	t := &Tagging{
		inventory: i, mux: http.NewServeMux(), sessions: map[string]rest.Session{},
		stats: TaggingStats{Calls: map[string]int{}}, hidden: map[types.ManagedObjectReference]bool{},
	}
	for pattern, handle := range map[string]http.HandlerFunc{
		"POST session":                 t.postSession,
		"DELETE session":               t.known(t.deleteSession),
		"GET tagging/category":         t.known(t.listCategories),
		"GET tagging/category/{id}":    t.known(t.getCategory),
		"GET tagging/tag":              t.known(t.listTags),
		"GET tagging/tag/{id}":         t.known(t.getTag),
		"POST tagging/tag/{id}":        t.known(t.ofCategory),
		"POST tagging/tag-association": t.known(t.association),
	} {
		method, path, _ := strings.Cut(pattern, " ")
		t.mux.HandleFunc(method+" "+TaggingPath+path, t.counted(method+" "+path, handle))
	}
	return t
}

// ServeHTTP answers a request.
func (t *Tagging) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	absent := t.absent
	t.mu.Unlock()
	if absent {
		http.NotFound(w, r)
		return
	}
	t.mux.ServeHTTP(w, r)
}

// counted counts the calls of one kind.
func (t *Tagging) counted(kind string, handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimSpace(kind + " " + r.URL.Query().Get("~action"))
		t.mu.Lock()
		t.stats.Calls[name]++
		t.mu.Unlock()
		handle(w, r)
	}
}

// Stats returns what was counted so far.
func (t *Tagging) Stats() TaggingStats {
	t.mu.Lock()
	defer t.mu.Unlock()
	stats := t.stats
	stats.Sessions, stats.Calls = len(t.sessions), maps.Clone(t.stats.Calls)
	return stats
}

// SetAbsent plays a vCenter without the API, or whose proxy does not know it: every path is not found.
func (t *Tagging) SetAbsent(absent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.absent = absent
}

// Hide plays objects that the account may not see: a list that names one of them is refused as a whole.
func (t *Tagging) Hide(objects ...types.ManagedObjectReference) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, o := range objects {
		t.hidden[o] = true
	}
}

// SetStrict has a list refused as a whole that names an object which is gone; otherwise such an object has no tags.
func (t *Tagging) SetStrict(strict bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.strict = strict
}

// Rename gives another name to a tag or category, and reports whether there is one of the old name.
func (t *Tagging) Rename(name, to string) bool { return t.inventory.tagging.rename(name, to) }

// refuses says whether a list of objects is answered with a refusal.
func (t *Tagging) refuses(objects []reference) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.ContainsFunc(objects, func(o reference) bool {
		return t.hidden[o.moref()] || t.strict && !t.inventory.Has(o.moref())
	})
}

// EndSessions ends all sessions of the API: each client has to log in again.
func (t *Tagging) EndSessions() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.sessions)
}

// known lets in who has a session.
func (t *Tagging) known(handle http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, ok := t.session(r); !ok {
			unauthenticated(w)
			return
		}
		handle(w, r)
	}
}

func (t *Tagging) session(r *http.Request) (rest.Session, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s, ok := t.sessions[sessionID(r)]
	return s, ok
}

func sessionID(r *http.Request) string {
	if id := r.Header.Get(sessionHeader); id != "" {
		return id
	}
	if cookie, err := r.Cookie(sessionHeader); err == nil {
		return cookie.Value
	}
	return ""
}

// postSession logs in or, with an action, tells of the session.
func (t *Tagging) postSession(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("~action") == "get" {
		if s, ok := t.session(r); ok {
			value(w, s)
			return
		}
		unauthenticated(w)
		return
	}
	user, password, _ := r.BasicAuth()
	if !t.inventory.settings.Login(user, password) {
		t.mu.Lock()
		t.stats.Refused++
		t.mu.Unlock()
		unauthenticated(w)
		return
	}
	id, now := uuid.NewString(), time.Now()
	t.mu.Lock()
	t.stats.Logins++
	t.sessions[id] = rest.Session{User: user, Created: now, LastAccessed: now}
	t.mu.Unlock()
	if r.Header.Get("vmware-use-header-authn") == "" {
		http.SetCookie(w, &http.Cookie{Name: sessionHeader, Value: id, Path: "/rest", HttpOnly: true})
	}
	value(w, id)
}

func (t *Tagging) deleteSession(w http.ResponseWriter, r *http.Request) {
	t.mu.Lock()
	t.stats.Logouts++
	delete(t.sessions, sessionID(r))
	t.mu.Unlock()
	w.WriteHeader(http.StatusOK)
}

func (t *Tagging) listCategories(w http.ResponseWriter, _ *http.Request) {
	categories, _, _ := t.inventory.tagging.all()
	value(w, identities(categories, func(c tags.Category) string { return c.ID }))
}

func (t *Tagging) listTags(w http.ResponseWriter, _ *http.Request) {
	_, all, _ := t.inventory.tagging.all()
	value(w, identities(all, func(tag tags.Tag) string { return tag.ID }))
}

func (t *Tagging) getCategory(w http.ResponseWriter, r *http.Request) {
	categories, _, _ := t.inventory.tagging.all()
	one(w, r, categories, func(c tags.Category) string { return c.ID })
}

func (t *Tagging) getTag(w http.ResponseWriter, r *http.Request) {
	_, all, _ := t.inventory.tagging.all()
	one(w, r, all, func(tag tags.Tag) string { return tag.ID })
}

// ofCategory lists the tags of a category.
func (t *Tagging) ofCategory(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("~action") != "list-tags-for-category" {
		failed(w, http.StatusBadRequest, "invalid_request")
		return
	}
	_, all, _ := t.inventory.tagging.all()
	all = slices.DeleteFunc(all, func(tag tags.Tag) bool { return tag.CategoryID != pathID(r) })
	value(w, identities(all, func(tag tags.Tag) string { return tag.ID }))
}

// reference is a managed object as this API names it.
type reference struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

func (r reference) moref() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: r.Type, Value: r.ID}
}

type attachedTags struct {
	Object reference `json:"object_id"`
	Tags   []string  `json:"tag_ids"`
}

type attachedObjects struct {
	Tag     string      `json:"tag_id"`
	Objects []reference `json:"object_ids"`
}

// association answers what is attached to what.
func (t *Tagging) association(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Object  reference   `json:"object_id"`
		Objects []reference `json:"object_ids"`
		Tags    []string    `json:"tag_ids"`
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		failed(w, http.StatusBadRequest, "invalid_argument")
		return
	}
	switch {
	case len(asked.Objects) > MaxTaggedObjects:
		failed(w, http.StatusBadRequest, "invalid_argument")
		return
	case t.refuses(asked.Objects):
		failed(w, http.StatusForbidden, "unauthorized")
		return
	}
	_, _, attached := t.inventory.tagging.all()
	switch r.URL.Query().Get("~action") {
	case "list-attached-tags":
		value(w, append([]string{}, attached[asked.Object.moref()]...))
	case "list-attached-tags-on-objects":
		value(w, onObjects(attached, asked.Objects))
	case "list-attached-objects-on-tags":
		value(w, onTags(attached, asked.Tags))
	default:
		failed(w, http.StatusBadRequest, "invalid_request")
	}
}

// onObjects leaves out the objects that have no tags.
func onObjects(attached map[types.ManagedObjectReference][]string, objects []reference) []attachedTags {
	all := []attachedTags{}
	for _, o := range objects {
		if ids := attached[o.moref()]; len(ids) > 0 {
			all = append(all, attachedTags{o, ids})
		}
	}
	return all
}

func onTags(attached map[types.ManagedObjectReference][]string, ids []string) []attachedObjects {
	by := map[string][]reference{}
	for ref, has := range attached {
		for _, id := range has {
			by[id] = append(by[id], reference{ref.Type, ref.Value})
		}
	}
	all := []attachedObjects{}
	for _, id := range ids {
		all = append(all, attachedObjects{id, append([]reference{}, by[id]...)})
	}
	return all
}

func identities[T any](all []T, id func(T) string) []string {
	ids := make([]string, len(all))
	for k, each := range all {
		ids[k] = id(each)
	}
	return ids
}

func pathID(r *http.Request) string { return strings.TrimPrefix(r.PathValue("id"), "id:") }

// one answers with the one that the path names.
func one[T any](w http.ResponseWriter, r *http.Request, all []T, id func(T) string) {
	for _, each := range all {
		if id(each) == pathID(r) {
			value(w, each)
			return
		}
	}
	failed(w, http.StatusNotFound, "not_found")
}

func value(w http.ResponseWriter, v any) { write(w, http.StatusOK, map[string]any{"value": v}) }

func unauthenticated(w http.ResponseWriter) { failed(w, http.StatusUnauthorized, "unauthenticated") }

func failed(w http.ResponseWriter, status int, kind string) {
	write(w, status, map[string]any{"type": "com.vmware.vapi.std.errors." + kind, "value": map[string]any{"messages": []any{}}})
}

func write(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that is gone
}
