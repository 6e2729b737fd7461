package verify

// The reasons of VerifyDocument alone, for a file as a whole.
const (
	// FormatUnknown: the file is neither CMS nor PDF nor XML.
	FormatUnknown Reason = "FORMAT_UNKNOWN"
	// DocumentMalformed: the file cannot be read as what it begins like.
	DocumentMalformed Reason = "DOCUMENT_MALFORMED"
	// DocumentTooLarge: the file is beyond what is read here, in size or in parts.
	DocumentTooLarge Reason = "DOCUMENT_TOO_LARGE"
	// DocumentEncrypted: the file is an encrypted PDF.
	DocumentEncrypted Reason = "DOCUMENT_ENCRYPTED"
	// SignatureAbsent: the file holds no signature.
	SignatureAbsent Reason = "SIGNATURE_ABSENT"
)

// The reasons of VerifyDocument alone, for one signature.
const (
	// SignatureMalformed: it is not built as its format wants.
	SignatureMalformed Reason = "SIGNATURE_MALFORMED"
	// CoverageInvalid: what it says it signs is not the document, or not clearly a part of it, as with gaps in
	// a byte range or an id that two elements have.
	CoverageInvalid Reason = "COVERAGE_INVALID"
	// ChangedAfterSigning: the document was changed later in a way that is not allowed.
	ChangedAfterSigning Reason = "CHANGED_AFTER_SIGNING"
	// TimeStampInvalid: it has time stamps, of which none is to be believed.
	TimeStampInvalid Reason = "TIME_STAMP_INVALID"
	// CertificateRevoked: the certificate was revoked or on hold at the time asked about.
	CertificateRevoked Reason = "CERTIFICATE_REVOKED"
	// RevocationUntrusted: the certificate's issuer did not sign the CRL or OCSP response.
	RevocationUntrusted Reason = "REVOCATION_UNTRUSTED"
	// RevocationStale: the CRL or OCSP response is not of the time asked about.
	RevocationStale Reason = "REVOCATION_STALE"
	// RevocationUnknown: no CRL or OCSP response says anything of the certificate that can be understood.
	RevocationUnknown Reason = "REVOCATION_UNKNOWN"
	// RevocationUnavailable: no CRL or OCSP response could be had.
	RevocationUnavailable Reason = "REVOCATION_UNAVAILABLE"
)

// The rules of VerifyDocument alone.
const (
	RuleFormat    = "format"     // the file can be read, and holds a signature
	RuleCoverage  = "coverage"   // what the signature covers is the document, or clearly a part of it
	RuleUnchanged = "unchanged"  // nothing was changed later, beyond what may be added
	RuleTimeStamp = "time-stamp" // one of its time stamps is to be believed; checked on request
)
