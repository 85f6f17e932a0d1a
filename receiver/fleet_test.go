//go:build !race

package receiver_test

// fleet is how many machines there are in a storm.
const fleet = 5000
