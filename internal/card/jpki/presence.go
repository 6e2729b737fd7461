package jpki

// A Presence is whether a slot holds a certificate, as far as the card says without a PIN.
type Presence string

// The presences.
const (
	Present         Presence = "yes"
	Absent          Presence = "no"
	UnknownPresence Presence = "unknown"
)

// filePresence is the elementary file of three bytes that says which certificates there are
// (jpki-card.md §2).
const filePresence, lenPresence = 0x0008, 3

// presences holds the two bytes that the file is known to be made of.
var presences = map[byte]Presence{0x8F: Present, 0x00: Absent}

// Presence returns what the card says of the slot's certificate. It is a hint, never a reason to refuse
// anything: the meaning of the file rests on one source. A card that does not say, or says what nobody
// has heard of, or is gone, leaves it unknown.
func (a *Application) Presence(s Slot) Presence {
	info, err := a.card.ReadFile(filePresence, lenPresence)
	if err != nil || len(info) != lenPresence {
		return UnknownPresence
	}
	if presence, ok := presences[info[s.presence]]; ok {
		return presence
	}
	return UnknownPresence
}
