package rules

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// proofs are the tests that there are: package and function.
type proofs map[string]bool

func proof(dir, test string) string { return dir + " " + test }

// proven finds the tests of the repository.
func proven(sources []source) proofs {
	found := proofs{}
	for _, s := range sources {
		if !s.test() {
			continue
		}
		for _, declared := range s.file.Decls {
			if f, ok := declared.(*ast.FuncDecl); ok && f.Recv == nil {
				found[proof(s.dir(), f.Name.Name)] = true
			}
		}
	}
	return found
}

var (
	numberedRow = regexp.MustCompile(`^\| *(\d+) *\|`)
	limitRef    = regexp.MustCompile(`\[([a-z])\]\(#not-covered\)`)
	limitItem   = regexp.MustCompile(`^- \*\*\(([a-z])\)`)
	code        = regexp.MustCompile("`([^`]+)`")
	testName    = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
	namedTest   = regexp.MustCompile(`\b(Test|Fuzz|Benchmark)[A-Z]\w*`)
	undo        = regexp.MustCompile("(?m)^Undo `([^`]+)`: `([^`]+)`")
	command     = regexp.MustCompile(`go test (?:-\S+ )*(\S+) -run '([^']+)'`)
)

// promisesWithoutProof reads the tables of promises. The last cell of a row names tests, each after its package: `receiver`:
// `TestOne`, `TestTwo`; `internal/event`: `TestThree`. Rows are numbered from 1. It also says which limits are referred to and
// not told.
func promisesWithoutProof(page string, tests proofs) (breaches []string) {
	row, limits, told := 0, map[string]bool{}, map[string]bool{}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		for _, ref := range limitRef.FindAllStringSubmatch(line, -1) {
			limits[ref[1]] = true
		}
		if item := limitItem.FindStringSubmatch(line); item != nil {
			told[item[1]] = true
		}
		number := numberedRow.FindStringSubmatch(line)
		if number == nil {
			continue
		}
		if row++; number[1] != strconv.Itoa(row) {
			breaches = append(breaches, fmt.Sprintf("promise %s stands where %d is expected", number[1], row))
		}
		breaches = append(breaches, unproven(number[1], lastCell(line), tests)...)
	}
	if row == 0 {
		breaches = append(breaches, "no promise was found")
	}
	for limit := range limits {
		if !told[limit] {
			breaches = append(breaches, fmt.Sprintf("limit (%s) is not told", limit))
		}
	}
	for limit := range told {
		if !limits[limit] {
			breaches = append(breaches, fmt.Sprintf("limit (%s) is one of no promise", limit))
		}
	}
	slices.Sort(breaches)
	return breaches
}

func lastCell(line string) string {
	cells := strings.Split(strings.TrimSuffix(line, "|"), "|")
	return cells[len(cells)-1]
}

func unproven(number, cell string, tests proofs) (breaches []string) {
	dir, named := "", 0
	for _, span := range code.FindAllStringSubmatch(cell, -1) {
		if !testName.MatchString(span[1]) {
			dir = span[1]
			continue
		}
		named++
		if !tests[proof(dir, span[1])] {
			breaches = append(breaches, fmt.Sprintf("promise %s: there is no %s in %s", number, span[1], dir))
		}
	}
	if named == 0 {
		breaches = append(breaches, fmt.Sprintf("promise %s has no test", number))
	}
	return breaches
}

// commandsOfNothing reads the commands of a page, and says which of the tests that they run do not exist.
func commandsOfNothing(page string, tests proofs) (breaches []string) {
	found := command.FindAllStringSubmatch(page, -1)
	if len(found) == 0 {
		return []string{"no command was found"}
	}
	for _, c := range found {
		dir := strings.TrimPrefix(strings.TrimPrefix(c[1], "."), "/")
		if dir == "" {
			dir = "."
		}
		for test := range strings.SplitSeq(c[2], "|") {
			test, _, _ = strings.Cut(strings.Trim(test, "^$"), "/")
			if !tests[proof(dir, strings.TrimSuffix(test, "$"))] {
				breaches = append(breaches, fmt.Sprintf("there is no %s in %s", test, dir))
			}
		}
	}
	return breaches
}

// A promise whose test was renamed or lost is a promise that nobody keeps.
func TestEachPromiseNamesItsTests(t *testing.T) {
	tests := proven(load(t, os.DirFS("../..")))
	assert.Empty(t, promisesWithoutProof(page(t, "guarantees.md"), tests))
}

func TestEachBugCanBeReproduced(t *testing.T) {
	tests := proven(load(t, os.DirFS("../..")))
	record := page(t, "track-record.md")
	assert.Empty(t, commandsOfNothing(record, tests))
	lines := undo.FindAllStringSubmatch(record, -1)
	assert.Len(t, lines, strings.Count(record, "\nUndo "), "each names a file and a line")
	for _, line := range lines {
		text, err := os.ReadFile("../../" + line[1])
		require.NoError(t, err)
		assert.True(t, strings.Contains(string(text), line[2]), "%s is not in %s", line[2], line[1])
	}
}

// A test that is named on any page can be looked up.
func TestEachTestThatIsNamedExists(t *testing.T) {
	var known []string
	for name := range proven(load(t, os.DirFS("../.."))) {
		_, name, _ = strings.Cut(name, " ")
		known = append(known, name)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	require.NoError(t, err)
	require.NotEmpty(t, pages)
	for _, path := range append(pages, "../../README.md", "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Subset(t, known, namedTest.FindAllString(string(text), -1), path)
	}
}

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/" + name)
	require.NoError(t, err)
	return string(text)
}

// A reader of pages that finds nothing would be content with anything.
func TestAPromiseWithoutItsTestIsSeen(t *testing.T) {
	tests := proven(load(t, fstest.MapFS{
		"receiver/loop_test.go": &fstest.MapFile{Data: []byte("package receiver\nfunc TestOne(t *testing.T) {}\nfunc (l lab) TestThree() {}")},
		"receiver/loop.go":      &fstest.MapFile{Data: []byte("package receiver\nfunc TestTwo() {}")},
		"root_test.go":          &fstest.MapFile{Data: []byte("package root\nfunc TestRoot(t *testing.T) {}")},
	}))
	row := func(number, cell string) string { return "| " + number + " | promised | rests on | | " + cell + " |\n" }
	for text, want := range map[string][]string{
		row("1", "`receiver`: `TestOne`") + row("2", "`.`: `TestRoot`"): nil,
		"": {"no promise was found"},
		row("1", "`receiver`: `TestTwo`, `TestOne`"): {"promise 1: there is no TestTwo in receiver"},
		row("1", "`receiver`: `TestThree`"):          {"promise 1: there is no TestThree in receiver"},
		row("1", "`event`: `TestOne`"):               {"promise 1: there is no TestOne in event"},
		row("1", "shown by the code"):                {"promise 1 has no test"},
		row("2", "`receiver`: `TestOne`"):            {"promise 2 stands where 1 is expected"},
		row("1", "`receiver`: `TestOne` [a](#not-covered)") + "- **(b) Power.** Gone.\n": {
			"limit (a) is not told", "limit (b) is one of no promise",
		},
	} {
		assert.Equal(t, want, promisesWithoutProof(text, tests), text)
	}
	for text, want := range map[string][]string{
		"go test ./receiver -run 'TestOne'":            nil,
		"go test -race . -run 'TestRoot$'":             nil,
		"go test ./receiver -run 'TestOne|TestTwo'":    {"there is no TestTwo in receiver"},
		"go test ./receiver -run '^TestOne$/creation'": nil,
		"go run": {"no command was found"},
	} {
		assert.Equal(t, want, commandsOfNothing(text, tests), text)
	}
}

// What make test runs is what the promises rest on.
func TestTheTestsRunShuffledUnderTheRaceDetector(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	require.NoError(t, err)
	_, recipe, found := strings.Cut(string(makefile), "\ntest: ")
	require.True(t, found)
	recipe, _, _ = strings.Cut(recipe, "\n\n")
	runs := 0
	for line := range strings.Lines(recipe) {
		if strings.Contains(line, "go test") {
			runs++
			assert.Contains(t, line, "$(RACE) -shuffle=on")
			assert.Contains(t, line, "./...")
		}
	}
	assert.Equal(t, 2, runs, "of both modules")
	assert.Regexp(t, `(?m)^RACE +:= \$\(if .*,-race\)$`, string(makefile))
}
