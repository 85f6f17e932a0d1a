package inventory

import "slices"

// gap is what of an object is not known in this life: all that is at a path, or below it, but for what was told of it since.
type gap struct {
	path string
	told []string // paths below it
}

func gapsAt(paths []string) []gap {
	gaps := make([]gap, len(paths))
	for i, path := range paths {
		gaps[i].path = path
	}
	return gaps
}

// has reports whether a property is not known.
func (g gap) has(name string) bool {
	return within(name, g.path) && !slices.ContainsFunc(g.told, func(path string) bool { return within(name, path) })
}

// filled are the gaps that are left once some paths were told. That guest.ipAddress is another one says nothing of guest.hostName.
func filled(gaps []gap, told []change) (left []gap) {
	for _, g := range gaps {
		if slices.ContainsFunc(told, func(c change) bool { return within(g.path, c.path) }) {
			continue
		}
		for _, c := range told {
			if within(c.path, g.path) && !slices.Contains(g.told, c.path) {
				g.told = append(slices.Clip(g.told), c.path)
			}
		}
		left = append(left, g)
	}
	return left
}

// open are the gaps that are left when everything is told again but for some paths. Of what was told before, and is missing now, it is known
// how it was, or that it was not there.
func open(gaps []gap, missing []string) (left []gap) {
	for _, g := range gaps {
		if slices.ContainsFunc(missing, func(path string) bool { return within(g.path, path) }) {
			left = append(left, g)
			continue
		}
		for _, path := range missing {
			if g.has(path) {
				left = append(left, gap{path, g.told})
			}
		}
	}
	return left
}
