//go:build install

package prompt

import "testing"

// TestRealKDialog types into KDE's own dialog. It needs many packages for one test, so it is one of the long ones.
func TestRealKDialog(t *testing.T) { typeInto(t, KDialog, "Tab", "Tab", "space") }
