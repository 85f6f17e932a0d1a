//go:build race

package receiver_test

// fleet is smaller under the race detector, which makes everything ten times as slow.
const fleet = 1000
