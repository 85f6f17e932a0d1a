package inventory

// Above is an object itself, or the first one above it, that is of a type; nil where there is none.
func (s *Snapshot) Above(o *Object, class string) *Object { return s.above(o, class) }

// Cluster is the one that an object is, or is in; nil where there is none.
func (s *Snapshot) Cluster(o *Object) *Object { return s.cluster(o) }

// Path names an object from below the root folder down; it is empty where something above is hidden from the account.
func (s *Snapshot) Path(o *Object) string { return s.path(o) }
