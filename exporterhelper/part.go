package exporterhelper

import (
	"go.opentelemetry.io/collector/pdata/plog"
)

// part is the records that one Build gives: the batch, or a witness.
type part struct {
	build Build
	built *plog.Logs // the first payload, which was built to be counted, until it is sent
	size  int
}

// record is one record of a part.
type record struct {
	from  *part
	place int // among the records of its part

	settled  bool
	accepted bool
	witness  bool // it was taken in besides
	evidence
}

// newPart builds a payload to see how many records there are.
func newPart(build Build) []*record {
	logs := build()
	p := &part{build: build, built: &logs, size: logs.LogRecordCount()}
	content, records := make([]record, p.size), make([]*record, p.size)
	for i := range content {
		content[i].from, content[i].place = p, i
		records[i] = &content[i]
	}
	return records
}

func each(logs plog.Logs) func(func(plog.LogRecord) bool) {
	return func(yield func(plog.LogRecord) bool) {
		for _, resource := range logs.ResourceLogs().All() {
			for _, scope := range resource.ScopeLogs().All() {
				for _, log := range scope.LogRecords().All() {
					if !yield(log) {
						return
					}
				}
			}
		}
	}
}

func (p *part) logs() plog.Logs {
	if built := p.built; built != nil {
		p.built = nil
		return *built
	}
	return p.build()
}

// assemble builds the payload of some records, anew each time. Records of one part are together, and in order.
func assemble(records []*record) plog.Logs {
	var all *plog.Logs
	for len(records) > 0 {
		n := run(records)
		logs := only(records[:n])
		records = records[n:]
		if all == nil {
			all = &logs
			continue
		}
		logs.ResourceLogs().MoveAndAppendTo(all.ResourceLogs())
	}
	return *all
}

// run is how many leading records are of one part.
func run(records []*record) int {
	n := 1
	for n < len(records) && records[n].from == records[0].from {
		n++
	}
	return n
}

// only builds a part, and leaves some of its records.
func only(records []*record) plog.Logs {
	from := records[0].from
	logs := from.logs()
	if len(records) == from.size {
		return logs
	}
	place := -1
	unwanted := func(plog.LogRecord) bool {
		place++
		if len(records) > 0 && records[0].place == place {
			records = records[1:]
			return false
		}
		return true
	}
	logs.ResourceLogs().RemoveIf(func(resource plog.ResourceLogs) bool {
		resource.ScopeLogs().RemoveIf(func(scope plog.ScopeLogs) bool {
			scope.LogRecords().RemoveIf(unwanted)
			return scope.LogRecords().Len() == 0
		})
		return resource.ScopeLogs().Len() == 0
	})
	return logs
}

// uids names records. It builds them for that: the many batches that are accepted need no names.
func uids(records []*record, identify func(plog.LogRecord) string) []string {
	uids := make([]string, 0, len(records))
	if len(records) > 0 {
		for log := range each(assemble(records)) {
			uids = append(uids, identify(log))
		}
	}
	return uids
}
