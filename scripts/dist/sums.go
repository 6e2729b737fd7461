package main

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
)

const sumsName = "SHA256SUMS"

// checksums writes what `sha256sum -c` reads, for everything that is published.
func checksums(d *dist) error {
	names, err := d.made()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	for _, name := range names {
		if name == sumsName {
			continue
		}
		content, err := os.ReadFile(filepath.Join(d.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%x  %s\n", sha256.Sum256(content), name)
	}
	return d.publish(sumsName, b.Bytes())
}
