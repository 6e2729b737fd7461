package simcard

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A keyring holds the throw-away keys of the CAs and cards, and the moment they belong to. Keys are
// generated when first asked for. With a folder they stay there, so that every process that uses the
// folder mints the very same certificates; without one they last as long as the process.
type keyring struct {
	dir   string
	epoch time.Time

	mu   sync.Mutex
	keys map[string]*rsa.PrivateKey
}

// common is the keyring of every card in this process that has no folder. Folders that are new are
// filled from it, because a second generation of throw-away keys would only cost time.
var common = sync.OnceValue(func() *keyring {
	return &keyring{epoch: time.Now().UTC().Truncate(time.Second), keys: map[string]*rsa.PrivateKey{}}
})

func openKeyring(dir string) (*keyring, error) {
	if dir == "" {
		return common(), nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	text, err := writeOnce(filepath.Join(dir, "epoch"), func() ([]byte, error) {
		return common().epoch.MarshalText()
	})
	if err != nil {
		return nil, err
	}
	ring := &keyring{dir: dir, keys: map[string]*rsa.PrivateKey{}}
	return ring, ring.epoch.UnmarshalText(text)
}

func (k *keyring) key(name string) (*rsa.PrivateKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key, ok := k.keys[name]; ok {
		return key, nil
	}
	key, err := k.open(name)
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	k.keys[name] = key
	return key, nil
}

func (k *keyring) open(name string) (*rsa.PrivateKey, error) {
	if k.dir == "" {
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	text, err := writeOnce(filepath.Join(k.dir, name+".pem"), func() ([]byte, error) {
		key, err := common().key(name)
		if err != nil {
			return nil, err
		}
		return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), nil
	})
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("not PEM")
	}
	return x509.ParsePKCS1PrivateKey(block.Bytes)
}

// writeOnce returns the content of the file, which create supplies where there is none yet. Of several
// processes that create it at the same time one wins, and all of them return what it wrote.
func writeOnce(path string, create func() ([]byte, error)) ([]byte, error) {
	content, err := os.ReadFile(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return content, err
	}
	if content, err = create(); err != nil {
		return nil, err
	}
	temporary, err := writeTemporary(path, content)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary)
	if err := os.Link(temporary, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// writeTemporary writes content to a new file beside path, readable by its owner only.
func writeTemporary(path string, content []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
