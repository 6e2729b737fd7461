package syntax

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parse reads exactly one object.
func parse(text string) (Object, error) {
	p := &parser{lexer: newLexer(strings.NewReader(text), 0, int64(len(text)))}
	o, err := p.object(0)
	if err == nil {
		if p.skip(); p.pos != p.end {
			return nil, p.broken(p.pos, "something follows")
		}
	}
	return o, err
}

func TestObjects(t *testing.T) {
	for text, want := range map[string]Object{
		"null": nil, "true": true, " %c\r\nfalse ": false,
		"0": Integer(0), "-17": Integer(-17), "+5": Integer(5), "1.5": Real("1.5"), "-.5": Real("-.5"), "4.": Real("4."),
		"/": Name(""), "/A#20B": Name("A B"), "/A/": nil,
		"()": String(""), "(a(b)c)": String("a(b)c"), "(\\n\\r\\t\\b\\f\\(\\\\\\x)": String("\n\r\t\b\f(\\x"), "(\\0\\53\\1234)": String("\x00+S4"),
		"(a\r\nb\rc\\\r\nd\\\ne)": String("a\nb\ncde"), "<>": String(""), "<4 1\n4>": String("A@"),
		"[]": Array{}, "[1 2 R]": Array{Ref{1, 2}}, "[1 0 R 2]": Array{Ref{1, 0}, Integer(2)}, "[1 0 Rx]": nil, "[1 0 2]": Array{Integer(1), Integer(0), Integer(2)},
		"1 65535 R": Ref{1, 65535}, "1 65536 R": nil, "8388608 0 R": nil, "[-1 0 R]": nil,
		"<<>>": Dict{}, "<</A null/B<</C[(x)]>>>>": Dict{"B": Dict{"C": Array{String("x")}}},
	} {
		o, err := parse(text)
		if want == nil && text != "null" {
			require.ErrorIs(t, err, ErrBroken, text)
			continue
		}
		require.NoError(t, err, text)
		require.Equal(t, want, o, text)
	}
}

func TestObjectsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		want error
	}{
		"nothing":               {"", ErrBroken},
		"a comment":             {"%", ErrBroken},
		"a word":                {"nul", ErrBroken},
		"a long word":           {strings.Repeat("1", 100), ErrBroken},
		"an exponent":           {"1e5", ErrBroken},
		"two points":            {"1.2.3", ErrBroken},
		"infinity":              {"Inf", ErrBroken},
		"a closing bracket":     {"]", ErrBroken},
		"a brace":               {"{}", ErrBroken},
		"an open array":         {"[1 2", ErrBroken},
		"an open string":        {"(a(b)", ErrBroken},
		"an open hexadecimal":   {"<41", ErrBroken},
		"letters":               {"<4G>", ErrBroken},
		"an open dictionary":    {"<</A 1", ErrBroken},
		"half a bracket":        {"<</A 1>", ErrBroken},
		"a key that is none":    {"<<1 2>>", ErrBroken},
		"a key without a value": {"<</A>>", ErrBroken},
		"a key twice":           {"<</A 1/#41 2>>", ErrBroken},
		"a key twice, null":     {"<</A null/A 2>>", ErrBroken},
		"a name's half digit":   {"/A#4", ErrBroken},
		"too deep":              {strings.Repeat("[", MaxDepth+2), ErrTooLarge},
		"too many":              {"[" + strings.Repeat("0 ", MaxItems), ErrTooLarge},
		"too long a string":     {"(" + strings.Repeat("x", MaxString+1), ErrTooLarge},
		"too long a string <>":  {"<" + strings.Repeat("00", MaxString+1), ErrTooLarge},
		"too long a name":       {"/" + strings.Repeat("x", MaxString+1), ErrTooLarge},
		"too long together":     {"[" + strings.Repeat("("+strings.Repeat("x", MaxString/2)+")", 3), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse(test.text)
			require.ErrorIs(t, err, test.want)
		})
	}
}

func TestDeepEnough(t *testing.T) {
	_, err := parse(strings.Repeat("[", MaxDepth) + strings.Repeat("]", MaxDepth))
	require.NoError(t, err)
}

func TestAppend(t *testing.T) {
	for want, o := range map[string]Object{
		"null": nil, "true": true, "-3": Integer(-3), "+.50": Real("+.50"), "/A#20#23#28": Name("A #("), "(a b)": String("a b"),
		"<e6>": String("\xE6"), "<28>": String("("), "[1 0 R /X]": Array{Ref{1, 0}, Name("X")}, "<<\n/A 1\n/B 2\n>>": Dict{"B": Integer(2), "A": Integer(1)},
	} {
		require.Equal(t, want, string(Append(nil, o)))
	}
	require.Panics(t, func() { Append(nil, &Stream{}) })
}

func TestNumber(t *testing.T) {
	for want, o := range map[float64]Object{3: Integer(3), -.5: Real("-.5")} {
		n, ok := Number(o)
		require.True(t, ok)
		require.InDelta(t, want, n, 0)
	}
	_, ok := Number(Name("1"))
	require.False(t, ok)
}

// FuzzObject asks that what was read, written and read again is the same.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{"<</A[1 -2. (x\\)) <41> 3 0 R null true]/B#20<</C/D>>>>", "(\\12\r\n)", "[.5 +3]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := parse(string(text))
		if err != nil {
			return
		}
		written := Append(nil, o)
		again, err := parse(string(written))
		require.NoError(t, err)
		require.Equal(t, o, again)
		require.True(t, bytes.Equal(written, Append(nil, again)))
	})
}
