// Package simcard is a My Number Card in software: the applications, files, PINs and keys of
// jpki-card.md §2 and §4, behind command APDUs answered as §7.5 there lays down, with certificates of
// its own throw-away CAs and faults to order. It is served in process (Readers) or to pcscd's virtual
// reader (program natsuin-simcard). Nothing on it belongs to a real person or a real authority.
package simcard

import (
	"bytes"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// Options say what card to make. The zero value is 見本太郎's, sound and valid, with the usual PINs,
// kept in memory.
type Options struct {
	Person Person

	// PINs replaces the usual PINs: 1234 (auth), ABC123 (sign), 4321 (attributes). A state file that
	// exists already wins over it.
	PINs map[PIN]string

	// State is the path of the file that keeps PINs and tries left; "" keeps them in memory.
	State string

	// Keys is the folder that keeps the CAs' and the cards' keys; "" shares keys among all cards of the
	// process.
	Keys string

	// Foreign makes it a card of another kind, without holder and keys; "" is a My Number Card.
	Foreign Foreign

	// ATR replaces the usual answer to reset, which is the one that OpenSC knows the card by.
	ATR []byte

	Faults     Faults
	Validity   Validity
	IssuerName IssuerName

	// Trace is called with every command and its response, which is nil where the card left before it.
	// The command may hold a PIN: card.Command prints it masked. Trace must not call the card.
	Trace func(command, response []byte)
}

// Validity says where the time of the keyring's making falls in the certificates' validity.
type Validity int

const (
	Valid       Validity = iota // issued 100 days before
	Expired                     // issued six years before, for five at most
	NotYetValid                 // issued a year after
)

// Certificates are DER certificates. SignCA and AuthCA hold the generations of both CAs, the oldest
// first, and Issuing is the index of the one that issued the card's certificates Sign and Auth.
type Certificates struct {
	SignCA, AuthCA [generations][]byte
	Issuing        int
	Sign, Auth     []byte
}

// A Card is one simulated card, powered off and lying in the reader. Its methods may be called from
// several goroutines; commands are executed one at a time.
type Card struct {
	atr     []byte
	options Options
	slot    slot
	busy    chan struct{} // holds one element while a transaction of Readers is open

	mu           sync.Mutex // guards all below
	pins         *pinStore
	holder       *holder
	applications []*application
	faults       Faults
	commands     int // since the faults were set
	powerCycles  int // power-ups and resets so far
	powered      bool
	fresh        bool // no command since power-up
	app          *application
	file         *file
	verified     map[PIN]bool
	tallies      map[PIN]Tally // since the faults were set
	pending      []byte        // response data that GET RESPONSE will fetch
	pad          Pad           // nil where the reader has none
}

// A holder is a person with keys and certificates.
type holder struct {
	person           Person
	authKey, signKey *rsa.PrivateKey
	certificates     Certificates
}

// defaultATR is a contact ATR that the real card has, without historical bytes (jpki-card.md §3.9).
var defaultATR = []byte{0x3B, 0xE0, 0x00, 0xFF, 0x81, 0x31, 0xFE, 0x45, 0x14}

// New makes a card. It generates the keys that the process, or the folder o.Keys, does not have yet,
// which takes some seconds the first time.
func New(o Options) (*Card, error) {
	if o.Person == (Person{}) {
		o.Person = Taro
	}
	c := &Card{atr: defaultATR, options: o, busy: make(chan struct{}, 1)}
	if o.Foreign != "" {
		c.atr = foreignATRs[o.Foreign]
	}
	if len(o.ATR) > 0 {
		c.atr = bytes.Clone(o.ATR)
	}
	var err error
	if c.pins, err = openPINStore(o.State, o.PINs); err != nil {
		return nil, err
	}
	if err := c.insert(o.Person); err != nil {
		return nil, err
	}
	return c, c.SetFaults(o.Faults)
}

// ATR returns the answer to reset.
func (c *Card) ATR() []byte { return bytes.Clone(c.atr) }

// Certificates returns the certificates of the card's present holder and of the CAs.
func (c *Card) Certificates() Certificates {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.holder.certificates
}

// SetFaults replaces the card's faults, and counts commands and PINs from here.
func (c *Card) SetFaults(f Faults) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for pin, n := range f.Tries {
		if err := c.setTries(pin, n); err != nil {
			return err
		}
	}
	c.faults, c.commands, c.tallies = f, 0, map[PIN]Tally{}
	return nil
}

// SetTries sets what is left of a PIN's tries; 0 blocks it.
func (c *Card) SetTries(pin PIN, n int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.setTries(pin, n)
}

func (c *Card) setTries(pin PIN, n int) error {
	rule, ok := pinRules[pin]
	if !ok || n < 0 || n > rule.tries {
		return fmt.Errorf("%d tries left of the PIN %q: not on this card", n, pin)
	}
	r, err := c.pins.get(pin)
	if err != nil {
		return err
	}
	r.Tries = n
	return c.pins.set(pin, r)
}

// Tries returns what is left of a PIN's tries.
func (c *Card) Tries(pin PIN) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, err := c.pins.get(pin)
	return r.Tries, err
}

// PowerOn powers the card up, in its initial state. It does nothing to a card that is powered or out.
func (c *Card) PowerOn() { c.powerUp() }

// powerUp returns the number of the power cycle that the card is in after it.
func (c *Card) powerUp() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.powered && c.slot.present() {
		c.clearState()
		c.powered, c.fresh = true, true
		c.powerCycles++
	}
	return c.powerCycles
}

// powerCycle returns the number of the current power cycle, and -1 while the power is off.
func (c *Card) powerCycle() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.powered {
		return -1
	}
	return c.powerCycles
}

// PowerOff takes the power away, and with it the selected file and the PIN state.
func (c *Card) PowerOff() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.powerOff()
}

// Reset is a warm reset. The state is lost unless the fault keep-on-reset is set.
func (c *Card) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.powered {
		return
	}
	c.powerCycles++
	c.fresh = true
	if !c.faults.KeepOnReset {
		c.clearState()
	}
}

func (c *Card) powerOff() {
	c.clearState()
	c.powered = false
}

func (c *Card) clearState() {
	c.app, c.file, c.verified, c.pending = nil, nil, map[PIN]bool{}, nil
}

// Remove takes the card out of the reader, also in the middle of a signature.
func (c *Card) Remove() {
	c.slot.leave()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.powerOff()
}

// Insert puts the card back into the reader.
func (c *Card) Insert() {
	c.slot.enter()
}

// Swap puts another person's card into the reader, in the place of this one. PINs and counters are
// those of this card.
func (c *Card) Swap(p Person) error {
	c.Remove()
	return c.insert(p)
}

func (c *Card) insert(p Person) error {
	h := &holder{person: p}
	if c.options.Foreign == "" {
		var err error
		if h, err = newHolder(p, c.options); err != nil {
			return err
		}
	}
	c.mu.Lock()
	c.holder = h
	c.applications = []*application{h.jpki(), h.cardSurface(), h.common()}
	c.mu.Unlock()
	c.slot.enter()
	return nil
}

// newHolder mints the certificates of both CAs and of the person.
func newHolder(p Person, o Options) (*holder, error) {
	keys, err := openKeyring(o.Keys)
	if err != nil {
		return nil, err
	}
	issued := keys.epoch.AddDate(0, 0, -100)
	switch o.Validity {
	case Expired:
		issued = keys.epoch.AddDate(-6, 0, 0)
	case NotYetValid:
		issued = keys.epoch.AddDate(1, 0, 0)
	}

	h := &holder{person: p}
	h.certificates.Issuing = issuing(issued, keys.epoch)
	var errAuth, errSign error
	h.certificates.AuthCA, h.certificates.Auth, h.authKey, errAuth = mint(authHierarchy.under(o.IssuerName), keys, p, issued)
	h.certificates.SignCA, h.certificates.Sign, h.signKey, errSign = mint(signHierarchy.under(o.IssuerName), keys, p, issued)
	return h, errors.Join(errAuth, errSign)
}

// otherKey returns the key of the slot that key does not belong to.
func (h *holder) otherKey(key *rsa.PrivateKey) *rsa.PrivateKey {
	if key == h.authKey {
		return h.signKey
	}
	return h.authKey
}

// Presence reports whether the card is in the reader, and returns a channel that is closed when that may
// have changed.
func (c *Card) Presence() (bool, <-chan struct{}) { return c.slot.state() }

// WriteTrust writes the certificates to the folder as PEM: sign-cert.pem and auth-cert.pem of the card,
// sign-ca.pem and auth-ca.pem that issued them, every generation as sign-ca-1.pem and so on, and the
// six generations again in trust/, for programs that take a folder of trust anchors. A card of another kind
// has no certificates, and leaves the folders empty.
func (c *Card) WriteTrust(dir string) error {
	certificates := c.Certificates()
	files := map[string][]byte{
		"sign-cert.pem": certificates.Sign,
		"auth-cert.pem": certificates.Auth,
		"sign-ca.pem":   certificates.SignCA[certificates.Issuing],
		"auth-ca.pem":   certificates.AuthCA[certificates.Issuing],
	}
	for n := range generations {
		for _, folder := range []string{"", "trust"} {
			files[filepath.Join(folder, fmt.Sprintf("sign-ca-%d.pem", n+1))] = certificates.SignCA[n]
			files[filepath.Join(folder, fmt.Sprintf("auth-ca-%d.pem", n+1))] = certificates.AuthCA[n]
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "trust"), 0o755); err != nil {
		return err
	}
	block := func(certificate []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
	}
	for name, certificate := range files {
		if certificate == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), block(certificate), 0o644); err != nil {
			return err
		}
	}
	return nil
}
