package prompt

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
	"os"
	"unsafe"
)

// MaxTyped is the most that a PIN holds of what was typed, in bytes. The card's own take 16 at most (jpki-card.md §3.3);
// the rest is room for what Policy has to explain, such as full-width digits of three bytes each.
const MaxTyped = 64

// A PIN is what a human typed, in memory of its own that is locked against swapping where the system
// permits, and wiped when it has served. However it is printed, logged or encoded, it shows as "***".
//
// Copies of the value share the memory. A PIN is not for use by several goroutines at once.
type PIN struct {
	// Behind a function, because fmt prints fields of other structs, and what their pointers lead to,
	// without asking a type how to print itself. It cannot look into a function.
	held func() *held
}

type held struct {
	page    []byte // one page; the PIN stands at its start
	size    int
	tooLong bool
}

// NewPIN moves b into a PIN: b is cleared. A PIN longer than MaxTyped is not kept: it has no bytes, and every
// Policy refuses it as too long.
func NewPIN(b []byte) *PIN {
	defer clear(b)
	p := emptyPIN()
	for _, c := range b {
		p.append(c)
	}
	return p
}

func emptyPIN() *PIN {
	h := &held{page: secretPage()}
	return &PIN{func() *held { return h }}
}

// Bytes returns the PIN itself, not a copy: Wipe clears it. It is empty after Wipe.
func (p *PIN) Bytes() []byte { return p.held().page[:p.held().size] }

// Len returns the number of bytes.
func (p *PIN) Len() int { return p.held().size }

// Clone returns the same PIN in memory of its own, to be wiped by itself.
func (p *PIN) Clone() *PIN {
	clone := emptyPIN()
	copy(clone.held().page, p.Bytes())
	clone.held().size, clone.held().tooLong = p.Len(), p.held().tooLong
	return clone
}

// Wipe clears the PIN. It may be called more than once.
func (p *PIN) Wipe() {
	h := p.held()
	if h.page == nil {
		return
	}
	releaseSecretPage(h.page)
	*h = held{}
}

// Equal reports whether two PINs are the same, byte by byte, in a time that depends on their lengths only. A
// PIN that was not kept because it was over-long equals none.
func Equal(a, b *PIN) bool {
	return !a.held().tooLong && !b.held().tooLong && subtle.ConstantTimeCompare(a.Bytes(), b.Bytes()) == 1
}

// append adds one byte while there is room.
func (p *PIN) append(c byte) {
	h := p.held()
	if h.tooLong || h.size == MaxTyped {
		h.tooLong = true
		clear(h.page)
		h.size = 0
		return
	}
	h.page[h.size] = c
	h.size++
}

// truncate keeps the first n bytes.
func (p *PIN) truncate(n int) {
	h := p.held()
	clear(h.page[n:h.size])
	h.size = n
}

// reset forgets what was added, as if nothing had been.
func (p *PIN) reset() {
	p.truncate(0)
	p.held().tooLong = false
}

// scratch is one byte of the locked memory behind the PIN, to read into.
func (p *PIN) scratch() []byte { return p.held().page[len(p.held().page)-1:] }

const masked = "***"

// String returns "***", and so do the methods below, for every way a value can be written out.
func (PIN) String() string               { return masked }
func (PIN) GoString() string             { return masked }
func (PIN) Format(f fmt.State, _ rune)   { fmt.Fprint(f, masked) }
func (PIN) MarshalText() ([]byte, error) { return []byte(masked), nil }
func (PIN) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }
func (PIN) LogValue() slog.Value         { return slog.StringValue(masked) }

// secretPage returns one zeroed page of memory that no other value shares, so that it can be locked against
// swapping as a whole. Go does not move what it has allocated. Locking is an attempt: users may lock a few
// pages only.
func secretPage() []byte {
	size := os.Getpagesize()
	block := make([]byte, 2*size)
	start := -int(uintptr(unsafe.Pointer(&block[0]))) & (size - 1)
	page := block[start : start+size : start+size]
	lockPage(page)
	return page
}

// releaseSecretPage clears the page and gives its lock back.
func releaseSecretPage(page []byte) {
	clear(page)
	unlockPage(page)
}
