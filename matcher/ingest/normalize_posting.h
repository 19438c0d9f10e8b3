#ifndef GRADMATCH_MATCHER_INGEST_NORMALIZE_POSTING_H_
#define GRADMATCH_MATCHER_INGEST_NORMALIZE_POSTING_H_

#include "absl/time/time.h"
#include "gradmatch/v1/posting.pb.h"

namespace gradmatch {

// Codes of issues, one a field at most. A field that was filled from text is
// DERIVED_FROM_TEXT, with what was read as the value.
inline constexpr char kIssueDerived[] = "DERIVED_FROM_TEXT";
inline constexpr char kIssueNotUnderstood[] = "TEXT_NOT_UNDERSTOOD";
inline constexpr char kIssueCodeMissing[] = "CODE_MISSING";
inline constexpr char kIssueCodeVersion[] = "CODE_VERSION_OTHER";
inline constexpr char kIssueCodeSuperseded[] = "CODE_SUPERSEDED";
inline constexpr char kIssueExpiryMissing[] = "EXPIRY_MISSING";
inline constexpr char kIssueOpeningsMissing[] = "OPENINGS_MISSING";
inline constexpr char kIssueUsccInvalid[] = "USCC_INVALID";
inline constexpr char kIssueUrlInvalid[] = "URL_INVALID";

// Makes a posting that ValidatePosting accepts into what is stored:
//
// - texts lose HTML leftovers, control characters and runs of blanks;
// - codes are completed from their tables (system, six digits, display);
// - what the source gave as text only is read by the parsers of matcher/text:
//   places, pay, degree, majors; functions, graduation years and internships
//   from the title; majors from the requirements. What they do not understand
//   stays as text. Every value that was read, and every text that was not, is
//   an issue;
// - a missing expiry becomes `receipt` + `default_life`; openings stay 0;
// - `state` becomes OPEN, or EXPIRED when `receipt` is past the expiry; DRAFT
//   and CLOSED stay.
//
// Output-only fields of the input are replaced. Pure.
void NormalizePosting(absl::Time receipt, absl::Duration default_life,
                      v1::Posting& posting);

// The parts, each adding its issues. In derive_posting.cc.
void DerivePlaces(v1::Posting& posting);
void DerivePay(v1::Posting& posting);
void DeriveDegree(v1::Posting& posting);
void DeriveMajors(v1::Posting& posting);
// Of official postings alone; what is not understood is left out.
void DeriveConditions(v1::Posting& posting);
void DeriveFromTitle(v1::Posting& posting);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_NORMALIZE_POSTING_H_
