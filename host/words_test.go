package main

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/natsuin/natsuin/internal/protocol"
	"github.com/natsuin/natsuin/verify"
)

// elsewhere tells of the reasons that come up only where more is given than the page that verifies can give: what
// is known of revocation and of time-stamping authorities, and time stamps to be attached.
func elsewhere(reason verify.Reason) bool {
	switch reason {
	case verify.CertificateRevoked, verify.SignatureCovered, verify.SignatureRoom:
		return true
	}
	return strings.HasPrefix(string(reason), "REVOCATION_") || strings.HasPrefix(string(reason), "TIME_STAMP_")
}

// TestPageRemedies: whatever the page refuses, it says what to do.
func TestPageRemedies(t *testing.T) {
	for reason := range pageReasonTexts {
		require.NotEqual(t, documentReasonTexts[reason], pageReasonTexts[reason], reason)
	}
	flag := regexp.MustCompile(`(^|[^a-z] ?)--[a-z]`) // on the page none can be given
	for reason := range documentReasonTexts {
		if elsewhere(reason) {
			continue
		}
		for _, lang := range []string{"ja", "en"} {
			texts := refusalWords(reason, lang)
			for _, kind := range []string{"reason/", "remedy/"} {
				sentence := texts[kind+string(reason)]
				require.NotEmpty(t, sentence)
				require.NotRegexp(t, flag, wholeCommands.Replace(sentence))
			}
		}
	}
}

// wholeCommands take out what is told as a command, which the page may name.
var wholeCommands = strings.NewReplacer("natsuin verify --at", "", "natsuin verify --trust", "", "natsuin sign --format pdf --profile moj", "")

// What a remedy has of one operating system only, it says of that one.
func TestRemediesNameTheirSystem(t *testing.T) {
	linux := regexp.MustCompile(`pcscd|pinentry|apt|systemctl|sudo`)
	for code, texts := range errorTexts {
		for _, remedy := range []string{texts.remedy.ja, texts.remedy.en} {
			if linux.MatchString(remedy) {
				require.Contains(t, remedy, "Linux", code)
			}
		}
	}
}

// TestServiceWords: every rule of a service that can be broken is told with what helps, and none names a flag.
func TestServiceWords(t *testing.T) {
	flag := regexp.MustCompile(`--[a-z]`)
	for _, lang := range []string{"ja", "en"} {
		for rule := range conformanceTexts {
			for remedy := range documentRemedyTexts {
				texts := verifiedWords(&protocol.Verified{Document: &verify.Document{Format: verify.XML}, Service: &verify.ConformanceReport{Profile: verify.EGov,
					Checks: []verify.ConformanceCheck{{Rule: "target", Outcome: verify.Passed}, {Rule: rule, Outcome: verify.Failed, Cause: "no-signature", Detail: "it has no signature", Remedy: remedy}}}}, lang)
				want := []string{"format/xml", "profile/egov", "service-remedy/" + string(remedy), "service-rule/" + rule}
				if lang == "ja" {
					want = append([]string{"detail/it has no signature"}, want...)
				}
				require.Equal(t, want, slices.Sorted(maps.Keys(texts)))
				for key, sentence := range texts {
					require.NotEmpty(t, sentence, key)
					require.NotRegexp(t, flag, wholeCommands.Replace(sentence), key)
				}
			}
		}
	}
}

// TestDocumentWords: every word of a result that is told in words has its text, in both languages.
func TestDocumentWords(t *testing.T) {
	roots := verify.Roots()
	document := &verify.Document{
		Format: verify.XML,
		Signatures: []verify.DocumentSignature{
			{
				Outcome: verify.Passed,
				Checks:  []verify.Check{{Rule: verify.RuleIssuer, Outcome: verify.Passed}, {Rule: verify.RuleRevocation, Outcome: verify.NotChecked}},
				Covers: verify.Coverage{
					References: []verify.Reference{{Scope: "document"}, {Scope: "element"}, {Scope: "file"}, {Scope: "properties"}},
					Unsigned:   []verify.Part{{Kind: "element"}, {Kind: "tag"}, {Kind: "text"}, {Kind: "comment"}, {Kind: "instruction"}},
				},
				Signer: &verify.Signer{Anchor: &verify.Anchor{Origin: "j-lis", Obtained: roots[len(roots)-1].Obtained}},
			},
			{Outcome: verify.Failed, Reason: verify.ContentMissing, Checks: []verify.Check{{Rule: verify.RuleDocument, Outcome: verify.Failed}}},
			{Outcome: verify.NotChecked, DocumentTimeStamp: true, Checks: []verify.Check{{Rule: verify.RuleTimeStamp, Outcome: verify.NotChecked}}},
		},
		MissingRoots: roots,
	}
	want := []string{
		"format/xml", "signature/passed", "signature/failed", "signature/not-checked", "origin/j-lis",
		"rule/issuer", "rule/revocation", "rule/document", "rule/time-stamp", "outcome/passed", "outcome/failed", "outcome/not-checked",
		"reason/CONTENT_MISSING", "remedy/CONTENT_MISSING",
		"scope/document", "scope/element", "scope/file", "scope/properties",
		"part/element", "part/tag", "part/text", "part/comment", "part/instruction",
	}
	for _, root := range roots {
		want = append(want, "obtained/"+string(root.Obtained))
	}
	slices.Sort(want)
	want = slices.Compact(want)
	for _, lang := range []string{"ja", "en"} {
		texts := documentWords(document, lang)
		require.Equal(t, want, slices.Sorted(maps.Keys(texts)))
		for key, sentence := range texts {
			require.NotEmpty(t, sentence, key)
		}
	}
}

// TestDetailWords: what rules found is told in Japanese as the terminal tells it, with every value.
func TestDetailWords(t *testing.T) {
	said := map[string]string{
		"revision 1 of 2": "改訂1（全部で2）",
		"3 references":    "参照3個",
		"there are 2, and no roots to check them":                                                 "タイムスタンプが2個ありますが、確かめるためのルート証明書（--tsa-trust）がありません",
		"2024-05-01T00:00:00Z to 2029-01-31T14:59:59Z":                                            "2024年5月1日 09:00:00から2029年1月31日 23:59:59まで（日本時間）",
		"claimed: 2025-01-06T01:02:03Z":                                                           "申告: 2025年1月6日 10:02:03（日本時間）",
		"anchor: j-lis, \"x\", SHA-256 00":                                                        "J-LIS、\"x\"、SHA-256 00",
		"seen at 2025-01-06T01:02:03Z, 2025-01-07T01:02:03Z":                                      "存在が確かな時点: 2025年1月6日 10:02:03、2025年1月7日 10:02:03（日本時間）",
		"signature, policies 1.2.3, 1.2.4":                                                        "署名用、証明書ポリシー 1.2.3、1.2.4",
		"crl of 2025-01-06T01:02:03Z":                                                             "失効リスト（CRL）、発行 2025年1月6日 10:02:03（日本時間）",
		"ocsp of 2025-01-06T01:02:03Z, revoked later, since 2025-01-07T01:02:03Z: key-compromise": "OCSPの応答、作成 2025年1月6日 10:02:03、その後の失効 2025年1月7日 10:02:03: key-compromise（日本時間）",
		"SHA-256": "",
	}
	var s verify.DocumentSignature
	for detail := range said {
		s.Checks = append(s.Checks, verify.Check{Rule: verify.RuleCoverage, Detail: detail})
	}
	document := &verify.Document{Signatures: []verify.DocumentSignature{s}}
	japanese, english := documentWords(document, "ja"), documentWords(document, "en")
	for detail, want := range said {
		require.Equal(t, want, japanese["detail/"+detail])
		require.NotContains(t, english, "detail/"+detail)
	}

	// Of a broken rule the reason is told in a sentence, in both languages; and where a signature is.
	document = &verify.Document{Signatures: []verify.DocumentSignature{{Place: `field "Signature1", object 117 0 R`,
		Checks: []verify.Check{{Rule: verify.RuleIssuer, Outcome: verify.Failed, Detail: string(verify.IssuerForeign)}}}}}
	japanese, english = documentWords(document, "ja"), documentWords(document, "en")
	require.Equal(t, "電子証明書の発行者がJ-LISではありません。", japanese["detail/ISSUER_FOREIGN"])
	require.Equal(t, "The certificate's issuer is not J-LIS.", english["detail/ISSUER_FOREIGN"])
	require.Equal(t, "署名フィールド「Signature1」、オブジェクト117 0 R", japanese[`place/field "Signature1", object 117 0 R`])
	require.NotContains(t, english, `place/field "Signature1", object 117 0 R`)
}
