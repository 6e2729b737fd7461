package prompt

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWeaknesses(t *testing.T) {
	birth := Date{1990, 1, 31}
	for _, test := range []struct {
		pin   string
		birth Date
		want  []Weakness
	}{
		{"0000", birth, []Weakness{Repeated}},
		{"1212", birth, []Weakness{Repeated}},
		{"1234", birth, []Weakness{Sequence}},
		{"4321", birth, []Weakness{Sequence}},
		{"7890", birth, []Weakness{Sequence}},
		{"0987", birth, []Weakness{Sequence}},
		{"2580", birth, []Weakness{Common}},
		{"4649", birth, []Weakness{Common}},
		{"0131", birth, []Weakness{BirthDate}},
		{"3101", birth, []Weakness{BirthDate}},
		{"9001", birth, []Weakness{BirthDate}},
		{"1990", birth, []Weakness{BirthDate}},
		{"1111", Date{1985, 11, 11}, []Weakness{Repeated, BirthDate}},
		{"0123", Date{2003, 1, 23}, []Weakness{Sequence, BirthDate}},
		{"8520", birth, nil},
		{"1224", birth, nil},
		{"1232", birth, nil},
		{"1357", birth, nil},
		{"1299", birth, nil},
		{"0013", birth, nil},

		{"ABC123", birth, []Weakness{Sequence, Common}},
		{"ABC1234", birth, []Weakness{Sequence, Common}},
		{"123ABC", birth, []Weakness{Sequence}},
		{"A12345", birth, []Weakness{Sequence}},
		{"CBA321", birth, []Weakness{Sequence}},
		{"AAA123", birth, []Weakness{Sequence}},
		{"AAAAA1", birth, []Weakness{Repeated}},
		{"111AAA", birth, []Weakness{Repeated}},
		{"A1A1A1", birth, []Weakness{Repeated}},
		{"ABC1ABC1", birth, []Weakness{Repeated}},
		{"PASSWORD1", birth, []Weakness{Common}},
		{"1QAZ2WSX", birth, []Weakness{Common}},
		{"MYNUMBER2016", birth, []Weakness{Common}},
		{"XK900131", birth, []Weakness{BirthDate}},
		{"XK19900131", birth, []Weakness{BirthDate}},
		{"TARO0131", birth, []Weakness{BirthDate}},
		{"A1B2C3", birth, nil},
		{"K7Q2X9", birth, nil},
		{"ABC124", birth, nil},
		{"PASSAGE7K2M4XQ", birth, nil},

		{"0131", Date{}, nil},
		{"0000", Date{}, []Weakness{Repeated}},
		{"1990", Date{Year: 1990}, []Weakness{BirthDate}},
		{"9001", Date{Year: 1990}, nil},
		{"9001", Date{Year: 1990, Month: 1}, []Weakness{BirthDate}},
		{"0131", Date{Month: 1, Day: 31}, []Weakness{BirthDate}},
		{"9000", Date{Year: 1990, Day: 31}, nil},
	} {
		pin := NewPIN([]byte(test.pin))
		require.Equal(t, test.want, Weaknesses(pin, test.birth), test.pin)
		require.Equal(t, test.pin, string(pin.Bytes()), "unchanged")
		pin.Wipe()
	}
	require.Len(t, weaknessNames, int(BirthDate))
}

// The parts are in the form in which a PIN is compared with them.
func TestCommonPartsAreNormalized(t *testing.T) {
	for _, part := range commonParts {
		require.Equal(t, bytes.ToUpper(part), part)
		for _, c := range part {
			require.True(t, SignaturePIN.allows(c))
		}
	}
}

// Whatever PIN can be registered and whatever date is known, the weaknesses are named, ordered and the same for
// either case of the letters; and a PIN of one character or of the birth year is never called strong.
func FuzzWeaknesses(f *testing.F) {
	f.Add([]byte("1234"), 1990, 1, 31)
	f.Add([]byte("abc123"), 0, 0, 0)
	f.Add([]byte("K7Q2X9"), -1, 99, 1<<40)
	f.Fuzz(func(t *testing.T, typed []byte, year, month, day int) {
		lower, upper := NewPIN(bytes.ToLower(typed)), NewPIN(bytes.ToUpper(typed))
		defer lower.Wipe()
		defer upper.Wipe()
		if SignaturePIN.Normalize(lower) != nil && AuthenticationPIN.Normalize(lower) != nil || SignaturePIN.Normalize(upper) != nil && AuthenticationPIN.Normalize(upper) != nil {
			return
		}
		birth := Date{year, month, day}
		found := Weaknesses(upper, birth)
		require.Equal(t, found, Weaknesses(lower, birth))
		for i, w := range found {
			require.NotEmpty(t, w.String())
			require.True(t, i == 0 || found[i-1] < w)
		}
		if p := upper.Bytes(); bytes.Count(p, p[:1]) == len(p) {
			require.Contains(t, found, Repeated)
		}
		if year >= 1000 && year <= 9999 && bytes.Contains(upper.Bytes(), birth.forms()[0]) {
			require.Contains(t, found, BirthDate)
		}
	})
}
