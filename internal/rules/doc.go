// Package rules holds no code, only tests: they read the source of the whole repository and fail where it breaks a
// rule of the house. Which package may import which, how long a function may be, what may not be in production code,
// which versions are pinned: what a reviewer would otherwise have to remember.
//
// A rule is a function from sources to breaches. Each has a fixture in rules_test.go that breaks it, so that a rule
// cannot die in silence.
package rules
