package simcard

import "slices"

// A Tally is what a card was sent about a PIN since its faults were set, and what came of it. Commands
// that did not reach the card, or not a PIN, are not in it.
type Tally struct {
	Verifies int // VERIFYs with a PIN, whatever the answer
	Wrong    int // of these, the ones that spent a try
	Changes  int // CHANGE REFERENCE DATAs with a PIN, whatever the answer
	Changed  int // of these, the ones that were executed
}

// Tally returns what happened to the PIN.
func (c *Card) Tally(pin PIN) Tally {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.tallies[pin]
}

// ResetTallies counts from here.
func (c *Card) ResetTallies() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tallies = map[PIN]Tally{}
}

// count changes the tally of a PIN.
func (c *Card) count(pin PIN, f func(*Tally)) {
	t := c.tallies[pin]
	f(&t)
	c.tallies[pin] = t
}

// Verified returns the PINs that the card holds as verified at the moment, in the order of their names:
// whoever reaches the card now can use what they guard.
func (c *Card) Verified() []PIN {
	c.mu.Lock()
	defer c.mu.Unlock()
	var pins []PIN
	for pin, is := range c.verified {
		if is {
			pins = append(pins, pin)
		}
	}
	slices.Sort(pins)
	return pins
}
