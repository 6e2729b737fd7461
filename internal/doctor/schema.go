package doctor

import (
	"encoding/json"
	"strconv"
)

// A schema says what a value has to be, in the part of JSON Schema that Chromium knows (chrome.storage.managed, "Manifest for
// storage areas").
type schema struct {
	Type                 string             `json:"type"`                 // "boolean", "integer", "string", "array" or "object"
	Items                *schema            `json:"items"`                // each of an array's
	Properties           map[string]*schema `json:"properties"`           // those of an object that have names
	AdditionalProperties *schema            `json:"additionalProperties"` // its others
}

var (
	boolean = &schema{Type: "boolean"}
	integer = &schema{Type: "integer"}
	word    = &schema{Type: "string"}
	words   = &schema{Type: "array", Items: word}
)

func record(properties map[string]*schema) *schema {
	return &schema{Type: "object", Properties: properties}
}

func table(of *schema) *schema { return &schema{Type: "object", AdditionalProperties: of} }

// managedSchema is extension/static/managed_schema.json, which is not in the program.
var managedSchema = record(map[string]*schema{
	"allowedSites": words, "blockedSites": words, "allowRecordings": boolean, "allowWindowPin": boolean, "bridgeSites": table(words),
	"bridges": table(record(map[string]*schema{
		"inputs":     {Type: "array", Items: record(map[string]*schema{"id": word, "value": word, "valueOnMac": word})},
		"events":     record(map[string]*schema{"request": word, "reply": word}),
		"modes":      table(word),
		"serviceIds": words,
		"maxDigests": integer,
		"digests":    record(map[string]*schema{"bare": boolean, "sha1": boolean}),
		"encodings":  record(map[string]*schema{"signature": word, "certificate": word, "attributes": word}),
		"errors":     record(map[string]*schema{"default": word, "defaultOnMac": word, "codes": table(word)}),
		"disguise":   word,
	})),
})

// admits says whether Chromium hands a value over to the extension: one that is in any part of another type it leaves out as a
// whole. It takes only what JSON writes without a fraction, in 32 bits, for an integer. Names that are not in the schema do no harm
// (components/policy/core/common/schema_map.cc, base/json/json_parser.cc).
func (s *schema) admits(value json.RawMessage) bool {
	switch s.Type {
	case "boolean":
		return string(value) == "true" || string(value) == "false"
	case "integer":
		_, err := strconv.ParseInt(string(value), 10, 32)
		return err == nil
	case "string":
		return value[0] == '"'
	case "array":
		return value[0] == '[' && s.admitsItems(value)
	}
	return value[0] == '{' && s.admitsProperties(value)
}

func (s *schema) admitsItems(value json.RawMessage) bool {
	var items []json.RawMessage
	if json.Unmarshal(value, &items) != nil {
		return false
	}
	for _, item := range items {
		if !s.Items.admits(item) {
			return false
		}
	}
	return true
}

func (s *schema) admitsProperties(value json.RawMessage) bool {
	var properties map[string]json.RawMessage
	if json.Unmarshal(value, &properties) != nil {
		return false
	}
	for name, property := range properties {
		of := s.AdditionalProperties
		if own, ok := s.Properties[name]; ok {
			of = own
		}
		if of != nil && !of.admits(property) {
			return false
		}
	}
	return true
}
