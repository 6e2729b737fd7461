// Package policy holds templates of browsers' policies, for administrators: they install the extension, let it start the
// host, and settle what static/managed_schema.json of the extension describes. docs/administrators.md says where each
// belongs, and what to write for the words in capitals, such as EXTENSION_ID. scripts/dist publishes them.
package policy

import "embed"

// Files are the templates, by paths with slashes.
//
//go:embed *.json *.plist *.admx en-US ja-JP
var Files embed.FS
