package installer

// A Registry is the registry of Windows, as far as hosts are registered there: keys with a default value. A key's
// name begins with HKCU or HKLM.
type Registry interface {
	// Get returns a key's default value; ok is false where there is no such key, or where it has none.
	Get(key string) (value string, ok bool, err error)
	// Has says whether there is such a key.
	Has(key string) (bool, error)
	// Set makes a key and those above it, and gives it a default value.
	Set(key, value string) error
	// Clear takes away a key's default value.
	Clear(key string) error
	// Remove removes a key that has no keys below it and no values. What is not there, or not empty, stays as it is.
	Remove(key string) error
}
