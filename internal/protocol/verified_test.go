package protocol_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// everything is a document with every key that a result of verify can have, whatever its format. The extension's tests
// hold the shape that its page reads against it.
func everything() *verify.Document {
	at := time.Date(2025, 1, 6, 1, 2, 3, 0, time.UTC)
	fingerprint := strings.Repeat("6C", 32)
	return &verify.Document{
		Format: verify.PDF, Size: 33913, At: at, Revisions: 3, Pages: 2, Accepted: true,
		Signatures: []verify.DocumentSignature{{
			Place: `field "Signature1", object 5 0 R`, DocumentTimeStamp: true, Outcome: verify.Failed, Reason: verify.ChangedAfterSigning, Detail: "object 3 changed",
			Checks: []verify.Check{{Rule: verify.RuleCoverage, Outcome: verify.Passed, Detail: "revision 1 of 3"}},
			Covers: verify.Coverage{
				Whole: true, Detached: true, Content: 9, ByteRange: []int64{0, 655, 33425, 488}, Revision: 1,
				Later:      &verify.Later{Signatures: 1, TimeStamps: 1, ValidationData: true, Metadata: true, Version: true},
				References: []verify.Reference{{URI: "#a", Scope: "element", Start: 3, End: 40, Path: "/申請", File: "図面.pdf"}},
				Missing:    []string{"別紙.pdf"}, Unsigned: []verify.Part{{Kind: "tag", Start: 1, End: 3, Path: "/申請"}}, MoreUnsigned: true,
			},
			Claims:     verify.Claims{SigningTime: at, Time: at, Name: "見本　太郎", Reason: "申請", Location: "東京"},
			Marks:      []verify.Mark{{Page: 1, Rect: [4]float64{400, 700, 460.5, 760.5}}},
			TimeStamps: []verify.TimeStamp{{Outcome: verify.Passed, Detail: "SHA-256", Time: at, Policy: "1.2.3", Authority: "CN=模擬"}},
			Signer: &verify.Signer{
				Serial: "705D990", SHA256: fingerprint, NotBefore: at, NotAfter: at, Policies: []string{"1.2.392.200149.8.5.1.1.10"},
				Anchor: &verify.Anchor{Origin: "j-lis", Name: "模擬", Hierarchy: "signature", SHA256: fingerprint, Obtained: verify.ObtainedOnce},
			},
			Attributes: &verify.Attributes{Name: "見本　太郎", BirthDate: "319800505", Sex: "1", Address: "東京都千代田区見本一丁目２番３号", NameSubstitutes: "0000", AddressSubstitutes: "0"},
		}},
		MissingRoots: []verify.Root{{Hierarchy: "authentication", Generation: "02", Serial: "133C349", From: "2019-09-14", To: "2029-09-14", SHA256: fingerprint, Obtained: verify.NotObtained}},
	}
}

func TestVerifiedGolden(t *testing.T) {
	document := everything()
	require.Equal(t, []string{"Signatures.Revocation"}, unset(reflect.ValueOf(*document), ""), "the page gives no source of revocation")
	service := &verify.ConformanceReport{Profile: verify.EGov, Checks: []verify.ConformanceCheck{
		{Rule: "target", Outcome: verify.Passed},
		{Rule: "files-signed", Outcome: verify.Failed, Start: 3, End: 40, Cause: "file-unsigned", Values: []string{"図面.pdf"}, Detail: "file \"図面.pdf\" is not signed", Remedy: verify.RemedySign}}}
	got, err := protocol.Encode(protocol.Result{ID: "r-15", Result: protocol.Verified{Document: document, Entry: "申請/kousei.xml", UnsignedFiles: []string{"図面.pdf"}, Service: service, Words: map[string]string{"format/pdf": "PDF"}}})
	require.NoError(t, err)
	require.Equal(t, string(golden(t, "result-verify-everything")), string(got))
}

// unset lists the fields in a value that are in its JSON and have their zero value.
func unset(v reflect.Value, path string) (names []string) {
	switch v.Kind() {
	case reflect.Pointer:
		return unset(v.Elem(), path)
	case reflect.Slice:
		for i := range v.Len() {
			names = append(names, unset(v.Index(i), path)...)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() || field.Tag.Get("json") == "-" {
				continue
			}
			name := strings.TrimPrefix(path+"."+field.Name, ".")
			if v.Field(i).IsZero() {
				names = append(names, name)
			} else {
				names = append(names, unset(v.Field(i), name)...)
			}
		}
	}
	return names
}
