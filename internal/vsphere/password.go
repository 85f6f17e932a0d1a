package vsphere

import (
	"fmt"
	"os"
	"strings"
)

// PasswordFile returns a function that reads a password from a file, anew each time: a secret that is rotated there is
// used by the next login. One newline at the end, which editors and `echo` leave, is not part of the password.
func PasswordFile(path string) func() (string, error) {
	return func() (string, error) {
		content, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("password_file: %w", err)
		}
		password := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
		if password == "" {
			// A file that is being rewritten is empty for a moment, and a login with it would count as a wrong one.
			return "", fmt.Errorf("password_file: %s is empty", path)
		}
		return password, nil
	}
}
