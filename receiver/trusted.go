package receiver

import "context"

// trusted is for a stream whose source leaves nothing out and returns nothing late: an empty page is the tail, there is nothing to
// read in another way.
type trusted[E any] struct{}

func (trusted[E]) stalled()                                          {}
func (trusted[E]) sweeps() bool                                      { return false }
func (trusted[E]) overlooked(context.Context) (p page[E], err error) { return p, nil }
func (trusted[E]) leap() bool                                        { return false }
func (trusted[E]) unsure() bool                                      { return false }
func (trusted[E]) confirm(context.Context) (verdict, error)          { return atTail, nil }
func (trusted[E]) look(context.Context) (verdict, error)             { return atTail, nil }
func (trusted[E]) again()                                            {}
func (trusted[E]) waiting() (p page[E])                              { return p }
func (trusted[E]) over()                                             {}
