package soapxml

import (
	"errors"
	"fmt"
	"io"
)

// SyntaxError says where a body stops being a document that this package reads, and why. It holds nothing of the body.
type SyntaxError struct {
	Offset int // of the token in error, in bytes
	Reason string
	cause  error
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("malformed XML at byte %d: %s", e.Offset, e.Reason)
}

func (e *SyntaxError) Unwrap() error { return e.cause }

// IsSyntax reports whether a body was refused for what it is, not for how it came. A body that was cut counts too.
func IsSyntax(err error) bool {
	var syntax *SyntaxError
	return errors.As(err, &syntax)
}

// IsTruncated reports whether a body ended before its document did: it was cut on its way and may come whole next time.
func IsTruncated(err error) bool {
	return IsSyntax(err) && errors.Is(err, io.ErrUnexpectedEOF)
}

func (s *Scanner) fail(reason string) error {
	return &SyntaxError{Offset: s.start, Reason: reason}
}

func (s *Scanner) truncated() error {
	return &SyntaxError{Offset: s.start, Reason: "the body ends early", cause: io.ErrUnexpectedEOF}
}
