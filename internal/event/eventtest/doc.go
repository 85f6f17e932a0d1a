// Package eventtest makes pages of events as a vCenter answers them, for tests and benchmarks of whoever reads them. The
// same arguments make the same page.
package eventtest
