package operators

import (
	"slices"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// discreet is a logger for one operator: stanza's would log an error with every attribute of every record that an operator
// fails on, also those that the next operator is to mask. It says each thing once a minute, and no attribute. The error itself
// may quote the record: it is for those who log at level debug.
func discreet(logger *zap.Logger) *zap.Logger {
	return logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
		return zapcore.NewSamplerWithOptions(discreetCore{core}, time.Minute, 1, 0)
	}))
}

// discreetCore leaves out what a record holds. An operator's failure is a warning: the record goes on.
type discreetCore struct{ zapcore.Core }

func (c discreetCore) With(fields []zapcore.Field) zapcore.Core {
	return discreetCore{c.Core.With(fields)}
}

func (c discreetCore) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !c.Enabled(e.Level) {
		return checked
	}
	return checked.AddCore(e, c)
}

func (c discreetCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	e.Level, e.Stack = min(e.Level, zapcore.WarnLevel), ""
	return c.Core.Write(e, slices.DeleteFunc(slices.Clone(fields), func(f zapcore.Field) bool {
		return f.Key != "action" && (f.Key != "error" || !c.Enabled(zapcore.DebugLevel))
	}))
}
