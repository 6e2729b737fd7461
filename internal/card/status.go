package card

import "fmt"

// A Status is the status word SW1 ‖ SW2 that ends every response APDU. Every one but OK is an error;
// compare with errors.Is(err, card.NotFound), or take the word itself out with errors.As.
type Status uint16

// The status words that a My Number Card answers with (ISO/IEC 7816-4 §5.6; jpki-card.md §3.7). The
// words with a number in their last digits, 61xx, 63Cx and 6Cxx, are reached through methods and Send.
const (
	OK                       Status = 0x9000
	DataMayBeCorrupted       Status = 0x6281
	EndOfFile                Status = 0x6282
	FileDeactivated          Status = 0x6283
	WrongPINUncounted        Status = 0x6300
	ExecutionError           Status = 0x6400
	MemoryFailure            Status = 0x6581
	SecureMessagingRefused   Status = 0x66F1
	WrongLength              Status = 0x6700
	ChannelNotSupported      Status = 0x6881
	SecureMessagingUnknown   Status = 0x6882
	IncompatibleFile         Status = 0x6981
	SecurityNotSatisfied     Status = 0x6982
	PINBlocked               Status = 0x6983
	ReferenceDataUnusable    Status = 0x6984
	ConditionsNotSatisfied   Status = 0x6985
	NoCurrentFile            Status = 0x6986
	SecureMessagingMissing   Status = 0x6987
	SecureMessagingIncorrect Status = 0x6988
	SecureMessagingForbidden Status = 0x69FC
	WrongData                Status = 0x6A80
	FunctionNotSupported     Status = 0x6A81
	NotFound                 Status = 0x6A82
	RecordNotFound           Status = 0x6A83
	NotEnoughMemory          Status = 0x6A84
	LcInconsistentWithTLV    Status = 0x6A85
	WrongParameters          Status = 0x6A86
	LcInconsistentWithP1P2   Status = 0x6A87
	ReferenceDataNotFound    Status = 0x6A88
	OffsetOutsideFile        Status = 0x6B00
	InstructionNotSupported  Status = 0x6D00
	ClassNotSupported        Status = 0x6E00
	NoPreciseDiagnosis       Status = 0x6F00
)

// meanings is the only place where a status word is given words.
var meanings = map[Status]string{
	OK:                       "done",
	DataMayBeCorrupted:       "the data may be corrupted",
	EndOfFile:                "end of file reached early",
	FileDeactivated:          "file deactivated",
	WrongPINUncounted:        "wrong PIN, tries not counted",
	ExecutionError:           "not executed",
	MemoryFailure:            "memory failure",
	SecureMessagingRefused:   "secure messaging refused",
	WrongLength:              "wrong length",
	ChannelNotSupported:      "logical channel not supported",
	SecureMessagingUnknown:   "secure messaging not supported",
	IncompatibleFile:         "command incompatible with the file",
	SecurityNotSatisfied:     "security status not satisfied",
	PINBlocked:               "PIN blocked",
	ReferenceDataUnusable:    "reference data not usable",
	ConditionsNotSatisfied:   "conditions of use not satisfied",
	NoCurrentFile:            "no current file",
	SecureMessagingMissing:   "secure messaging objects missing",
	SecureMessagingIncorrect: "secure messaging objects incorrect",
	SecureMessagingForbidden: "secure messaging not allowed",
	WrongData:                "wrong data field",
	FunctionNotSupported:     "function not supported",
	NotFound:                 "file or application not found",
	RecordNotFound:           "record not found",
	NotEnoughMemory:          "not enough memory in the file",
	LcInconsistentWithTLV:    "Lc inconsistent with the TLV structure",
	WrongParameters:          "wrong P1 or P2",
	LcInconsistentWithP1P2:   "Lc inconsistent with P1 and P2",
	ReferenceDataNotFound:    "reference data not found",
	OffsetOutsideFile:        "offset outside the file",
	InstructionNotSupported:  "instruction not supported",
	ClassNotSupported:        "class not supported",
	NoPreciseDiagnosis:       "no precise diagnosis",
}

// Error prints the word and its meaning: "6A82: file or application not found".
func (s Status) Error() string {
	return fmt.Sprintf("%04X: %s", uint16(s), s.meaning())
}

func (s Status) meaning() string {
	if m, ok := meanings[s]; ok {
		return m
	}
	if n, ok := s.TriesLeft(); ok {
		return fmt.Sprintf("tries left: %d", n)
	}
	if n, ok := s.moreData(); ok {
		return fmt.Sprintf("%d more bytes available", n)
	}
	if n, ok := s.exactLe(); ok {
		return fmt.Sprintf("wrong Le, %d bytes available", n)
	}
	return "unknown status word"
}

// TriesLeft returns x of 63Cx: the tries that a PIN has left, 0 when it is blocked. The card answers
// it to a wrong PIN and to the status query alike.
func (s Status) TriesLeft() (int, bool) {
	return int(s & 0x0F), s&0xFFF0 == 0x63C0
}

// Blocked reports whether the word says that a PIN has no tries left. Cards differ in which of three
// words they use (jpki-card.md §3.3), so all of them count.
func (s Status) Blocked() bool {
	return s == 0x63C0 || s == PINBlocked || s == ReferenceDataUnusable
}

// moreData returns xx of 61xx: the bytes that GET RESPONSE can fetch.
func (s Status) moreData() (int, bool) {
	return decodeLe(byte(s)), s&0xFF00 == 0x6100
}

// exactLe returns xx of 6Cxx: the Le that the card wants instead.
func (s Status) exactLe() (int, bool) {
	return decodeLe(byte(s)), s&0xFF00 == 0x6C00
}
