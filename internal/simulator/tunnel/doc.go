// Package tunnel plays the HTTP proxy between a collector and its vCenter, as HTTPS_PROXY and HTTP_PROXY name it.
//
// A Proxy connects whoever asks, whatever the address, to one target: so a test can use names of hosts that do not exist,
// which it must, for Go never asks a proxy for an address of this machine. It can ask for a user and a password, and refuse.
package tunnel
