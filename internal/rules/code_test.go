package rules

import (
	"cmp"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Lengths of functions, from the line of `func` to that of the closing brace. Functions of this size can be read
// without scrolling, and name their parts.
const (
	longestFunction = 80
	medianFunction  = 12
)

// function is one function with a body, in production code of ours.
type function struct {
	source
	decl *ast.FuncDecl
}

func (f function) lines() int { return f.line(f.decl.End()) - f.line(f.decl.Pos()) + 1 }

func functions(sources []source) (all []function) {
	for _, s := range sources {
		if s.test() || s.generated() {
			continue
		}
		for _, decl := range s.file.Decls {
			if decl, ok := decl.(*ast.FuncDecl); ok && decl.Body != nil {
				all = append(all, function{s, decl})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b function) int { return cmp.Compare(b.lines(), a.lines()) })
	return all
}

func noFunctionIsTooLong(sources []source) (breaches []string) {
	for _, f := range functions(sources) {
		if f.lines() > longestFunction {
			breaches = append(breaches, f.breach(f.decl, "%s has %d lines; %d is the most", f.decl.Name.Name, f.lines(), longestFunction))
		}
	}
	return breaches
}

func functionsAreShortAsARule(sources []source) (breaches []string) {
	all := functions(sources)
	if len(all) == 0 || all[len(all)/2].lines() <= medianFunction {
		return nil
	}
	for _, f := range all[:min(len(all), 20)] {
		breaches = append(breaches, f.breach(f.decl, "the median function has %d lines, not %d; among the longest is %s with %d",
			all[len(all)/2].lines(), medianFunction, f.decl.Name.Name, f.lines()))
	}
	return breaches
}

// nothingSleeps: production code waits for events and for its context, never for time alone.
func nothingSleeps(sources []source) (breaches []string) {
	for _, s := range sources {
		for name, call := range s.calls() {
			if name == "time.Sleep" && s.production() {
				breaches = append(breaches, s.breach(call, "time.Sleep does not hear its context"))
			}
		}
	}
	return breaches
}

var skip = regexp.MustCompile(`^(t|tb|b|f)\.(Skip|Skipf|SkipNow)$`)

func noTestIsSkipped(sources []source) (breaches []string) {
	for _, s := range sources {
		for name, call := range s.calls() {
			if s.test() && !s.generated() && skip.MatchString(name) {
				breaches = append(breaches, s.breach(call, "%s: a test that does not run proves nothing", name))
			}
		}
	}
	return breaches
}

// unfinished are the words that mark work left undone. It is written in two parts so as not to find itself.
var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X|HA` + `CK)\b`)

func nothingIsLeftUndone(sources []source) (breaches []string) {
	for _, s := range sources {
		if s.generated() {
			continue
		}
		for i, line := range strings.Split(s.text, "\n") {
			if word := unfinished.FindString(line); word != "" {
				breaches = append(breaches, s.at(i+1, "%s: do it, or write it down where users look", word))
			}
		}
	}
	return breaches
}

// vague names say that somebody did not know what a thing is. (vSphere's own, such as EventManager, are the simulator's.)
var vague = regexp.MustCompile(`(Manager|Helper|Utils?|Misc|Common)$`)

func typesAreNamedForWhatTheyAre(sources []source) (breaches []string) {
	for _, s := range sources {
		if !s.production() {
			continue
		}
		for _, spec := range typeSpecs(s.file) {
			if word := vague.FindString(capital(spec.Name.Name)); word != "" {
				breaches = append(breaches, s.breach(spec, "%s: %s says nothing of what it is", spec.Name.Name, word))
			}
		}
	}
	return breaches
}

func typeSpecs(file *ast.File) (specs []*ast.TypeSpec) {
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			specs = append(specs, spec)
		}
		return true
	})
	return specs
}

func capital(name string) string {
	letters := []rune(name)
	letters[0] = unicode.ToUpper(letters[0])
	return string(letters)
}
