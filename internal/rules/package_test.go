package rules

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// packages groups sources by folder, in order.
func packages(sources []source) (dirs []string, files map[string][]source) {
	files = map[string][]source{}
	for _, s := range sources {
		files[s.dir()] = append(files[s.dir()], s)
	}
	return slices.Sorted(maps.Keys(files)), files
}

// everyPackageStatesItsContract in doc.go; what is generated as a whole is excepted.
func everyPackageStatesItsContract(sources []source) (breaches []string) {
	dirs, files := packages(sources)
	for _, dir := range dirs {
		if !slices.ContainsFunc(files[dir], source.handwritten) {
			continue
		}
		if contract(files[dir]) == "" {
			breaches = append(breaches, path.Join(dir, "doc.go")+":1: the package has no doc comment in doc.go")
		}
	}
	return breaches
}

// handwritten tells the files that make a folder a package of ours. Tests alone do: e2e is one.
func (s source) handwritten() bool { return !s.generated() }

// contract is the package comment in doc.go.
func contract(files []source) string {
	for _, s := range files {
		if path.Base(s.path) == "doc.go" {
			return s.file.Doc.Text()
		}
	}
	return ""
}

// namesakesSayWhatTheyAreNot: a reader who comes from the collector would take them for the packages of that name.
func namesakesSayWhatTheyAreNot(sources []source) (breaches []string) {
	_, files := packages(sources)
	for dir := range aliases {
		if len(files[dir]) == 0 {
			continue
		}
		first, _, _ := strings.Cut(contract(files[dir]), "\n")
		if !strings.Contains(first, " not ") {
			breaches = append(breaches, path.Join(dir, "doc.go")+":1: the first line of the doc says what the package is, and what it is not")
		}
	}
	slices.Sort(breaches)
	return breaches
}

// everyPackageLooksForLeaks: a goroutine that outlives its test is one that outlives the receiver. The build tools are
// processes of their own, and end with all that they started.
func everyPackageLooksForLeaks(sources []source) (breaches []string) {
	dirs, files := packages(sources)
	for _, dir := range dirs {
		tests := slices.DeleteFunc(slices.Clone(files[dir]), func(s source) bool { return !s.test() || s.generated() || s.nested() })
		if len(tests) > 0 && !slices.ContainsFunc(files[dir], looksForLeaks) {
			breaches = append(breaches, path.Join(dir, "main_test.go")+":1: no TestMain with goleak.VerifyTestMain")
		}
	}
	return breaches
}

func looksForLeaks(s source) bool {
	for name := range s.calls() {
		if name == "goleak.VerifyTestMain" {
			return true
		}
	}
	return false
}
