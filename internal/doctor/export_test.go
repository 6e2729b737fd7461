package doctor

import "encoding/json"

// ManagedSchema is the schema by which the extension's settings are judged.
var ManagedSchema = managedSchema

// ReadSchema reads one from a file.
func ReadSchema(text []byte) (s *schema, err error) {
	err = json.Unmarshal(text, &s)
	return s, err
}
