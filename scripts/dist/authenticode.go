package main

import (
	"fmt"
	"os"
)

// A signer signs programs and packages of Windows, with osslsigncode. A nil one signs nothing.
type signer struct{ args []string }

// signingOptions are the environment variables that say with what, each with osslsigncode's option. The pass phrase is read
// from a file, because everybody can read a program's arguments.
var signingOptions = []struct{ variable, option string }{
	{"AUTHENTICODE_CERTIFICATES", "-certs"}, // a file: the certificate first, then its issuers
	{"AUTHENTICODE_KEY", "-key"},            // a file, or a pkcs11: URI
	{"AUTHENTICODE_PASSPHRASE_FILE", "-readpass"},
	{"AUTHENTICODE_PKCS11_ENGINE", "-pkcs11engine"},
	{"AUTHENTICODE_PKCS11_MODULE", "-pkcs11module"},
	// An RFC 3161 service. A signature without its time stamp ends with the certificate; one with it is another each time.
	{"AUTHENTICODE_TIMESTAMP", "-ts"},
}

// authenticode returns the signer that the environment describes: nil where it describes none.
func authenticode(getenv func(string) string) (*signer, error) {
	var args []string
	for _, o := range signingOptions {
		if value := getenv(o.variable); value != "" {
			args = append(args, o.option, value)
		}
	}
	if len(args) == 0 {
		return nil, nil
	}
	for _, o := range signingOptions[:2] {
		if getenv(o.variable) == "" {
			return nil, fmt.Errorf("%s is needed to sign, too", o.variable)
		}
	}
	return &signer{args}, nil
}

// sign signs a file in its place. The time that the signer itself claims is the commit's: it proves nothing, and would make
// every signature another.
func (s *signer) sign(d *dist, path string) error {
	if s == nil {
		return nil
	}
	signed := path + ".signed"
	args := append([]string{"sign", "-h", "sha256", "-n", "Natsuin", "-i", "https://github.com/natsuin/natsuin", "-time", fmt.Sprint(d.epoch.Unix())}, s.args...)
	if err := d.run(d.repository, nil, "osslsigncode", append(args, "-in", path, "-out", signed)...); err != nil {
		return err
	}
	return os.Rename(signed, path)
}
