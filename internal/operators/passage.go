package operators

import "context"

// passage is one record on its way through the operators.
type passage struct {
	steps   int  // operators that it has reached, the end too
	dropped bool // by a filter
}

type passageKey struct{}

func withPassage(ctx context.Context, p *passage) context.Context {
	return context.WithValue(ctx, passageKey{}, p)
}

func passageOf(ctx context.Context) *passage { return ctx.Value(passageKey{}).(*passage) }
