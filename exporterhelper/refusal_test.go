package exporterhelper

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.opentelemetry.io/collector/pdata/plog"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// A joined refusal of one permanent and one retryable part reads as permanent to the collector: the batch would be given up
// for both exporters.
func TestAnyRetryablePartMakesTheWholeRetryable(t *testing.T) {
	bad, down := consumererror.NewPermanent(errRefused), errors.New("connection refused")
	invalidData := consumererror.NewPermanent(status.Error(codes.InvalidArgument, "too old"))
	tests := []struct {
		name               string
		refusal            error
		permanent, invalid bool
	}{
		{"plain", down, false, false},
		{"permanent", bad, true, false},
		{"permanent in words", fmt.Errorf("not retryable error: %w", bad), true, false},
		{"message too large, without a status", consumererror.NewPermanent(fmt.Errorf("record size 9 exceeds max 8: %w", errRefused)), true, false},
		{"400", answered(400), true, true},
		{"401", answered(401), true, false},
		{"413", answered(413), true, false},
		{"500", answered(500), true, false},
		{"503", answered(503), false, false},
		{"status alone", status.Error(codes.InvalidArgument, ""), false, true},
		{"joined", errors.Join(bad, down), false, false},
		{"joined the other way round", errors.Join(down, bad), false, false},
		{"joined, in words", fmt.Errorf("fan-out: %w", errors.Join(bad, down)), false, false},
		{"joined deep down", errors.Join(bad, fmt.Errorf("b: %w", errors.Join(bad, down))), false, false},
		{"both permanent", errors.Join(answered(413), answered(500)), true, false},
		{"both invalid", errors.Join(invalidData, answered(400)), true, true},
		{"one invalid", errors.Join(invalidData, answered(401)), true, false},
		{"permanent, over a join", consumererror.NewPermanent(errors.Join(down, errRefused)), true, false},
		{"permanent, over a part that says otherwise", consumererror.NewPermanent(errors.Join(bad, consumererror.NewRetryableError(down))), false, false},
		{"HTTP 413", consumererror.NewOTLPHTTPError(errRefused, 413), true, false},
		{"HTTP 400", consumererror.NewOTLPHTTPError(errRefused, 400), true, true},
		{"HTTP 503", consumererror.NewOTLPHTTPError(errRefused, 503), false, false},
		{"gRPC", consumererror.NewOTLPGRPCError(errRefused, status.New(codes.InvalidArgument, "")), true, true},
		{"part of the records", consumererror.NewLogs(errRefused, plog.NewLogs()), false, false},
		{"part of the records, for good", consumererror.NewLogs(invalidData, plog.NewLogs()), true, true},
		{"permanent and called retryable", consumererror.NewRetryableError(bad), false, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.permanent, permanent(tt.refusal))
			assert.Equal(t, tt.invalid, invalid(tt.refusal))
		})
	}
}
