package receiver

import (
	"slices"
	"sync/atomic"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// inSession is a logger whose lines carry the serial of the session that there is, or was last.
func inSession(logger *zap.Logger, serial *atomic.Uint64) *zap.Logger {
	return logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core { return sessionCore{core, serial} }))
}

// sessionCore adds the serial to each line that has none of its own, and none before the first login.
type sessionCore struct {
	zapcore.Core
	serial *atomic.Uint64
}

func (c sessionCore) With(fields []zapcore.Field) zapcore.Core {
	return sessionCore{c.Core.With(fields), c.serial}
}

// Check takes the place of the core below, once that has said that it wants the line: it may sample.
func (c sessionCore) Check(e zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if c.Core.Check(e, nil) == nil {
		return checked
	}
	return checked.AddCore(e, c)
}

func (c sessionCore) Write(e zapcore.Entry, fields []zapcore.Field) error {
	serial := c.serial.Load()
	if serial == 0 || slices.ContainsFunc(fields, func(f zapcore.Field) bool { return f.Key == "serial" }) {
		return c.Core.Write(e, fields)
	}
	return c.Core.Write(e, append(slices.Clip(fields), zap.Uint64("serial", serial)))
}
