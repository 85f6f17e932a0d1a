package exporterhelper

import (
	"errors"
	"reflect"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// claim is what one branch of a refusal says of itself. An error that joins several has several: a fan-out gives one for each
// exporter that refused.
type claim struct {
	permanent bool // to send the same again is of no use
	retryable bool // said in so many words; it outweighs permanent
	code      codes.Code
}

// permanent reports whether every branch of a refusal says that it is. consumererror.IsPermanent is satisfied with one: then a
// batch that one exporter cannot take and another not yet would be given up for both.
func permanent(refusal error) bool {
	for _, c := range claims(refusal, claim{code: codes.Unknown}) {
		if !c.permanent || c.retryable {
			return false
		}
	}
	return true
}

// invalid reports whether every branch of a refusal says that the data is to blame, and nothing else.
func invalid(refusal error) bool {
	for _, c := range claims(refusal, claim{code: codes.Unknown}) {
		if c.code != codes.InvalidArgument {
			return false
		}
	}
	return true
}

// claims walks down to the leaves of an error. What is said above a join is said of all its branches.
func claims(err error, above claim) (all []claim) {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, branch := range joined.Unwrap() {
			all = append(all, claims(branch, above)...)
		}
		return all
	}
	said, below := above.heed(err)
	if below == nil {
		return []claim{said}
	}
	return claims(below, said)
}

// permanentType is that of the mark which NewPermanent sets. It has no name outside of its package, and IsPermanent looks
// through joins.
var permanentType = reflect.TypeOf(consumererror.NewPermanent(errors.New("")))

// heed takes in what one layer of an error says, and returns what is below it.
func (c claim) heed(err error) (claim, error) {
	switch e := err.(type) {
	case consumererror.Logs:
		return c, errors.Unwrap(e.Unwrap()) // it calls whatever it wraps retryable, and means that some records were taken
	case *consumererror.Error:
		c.permanent, c.retryable = !e.IsRetryable(), c.retryable || e.IsRetryable()
		c.code = consumererror.ToGRPCStatus(e).Code()
	case interface{ GRPCStatus() *status.Status }:
		c.code = e.GRPCStatus().Code()
	}
	c.permanent = c.permanent || reflect.TypeOf(err) == permanentType
	return c, errors.Unwrap(err)
}

// partial returns the records that a refusal leaves over, where it says that the others were taken. Beside another branch that
// means nothing: the other exporter may have taken none.
func partial(refusal error) (consumererror.Logs, bool) {
	for err := refusal; err != nil; err = errors.Unwrap(err) {
		if left, ok := err.(consumererror.Logs); ok {
			return left, true
		}
	}
	return consumererror.Logs{}, false
}
