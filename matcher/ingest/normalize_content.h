#ifndef GRADMATCH_MATCHER_INGEST_NORMALIZE_CONTENT_H_
#define GRADMATCH_MATCHER_INGEST_NORMALIZE_CONTENT_H_

#include "absl/time/time.h"
#include "gradmatch/v1/content.pb.h"
#include "matcher/screening/screener.h"

namespace gradmatch {

// Codes of issues, besides those of postings (normalize_posting.h).
inline constexpr char kIssuePublishMissing[] = "PUBLISH_TIME_MISSING";
inline constexpr char kIssuePostingUnknown[] = "POSTING_UNKNOWN";
inline constexpr char kIssueAlreadyExpired[] = "ALREADY_EXPIRED";

// News without an expiry matters for so long.
inline constexpr absl::Duration kNewsLife = absl::Hours(24 * 90);

// Makes content that ValidateContent accepts into what is stored:
// - texts lose HTML leftovers, control characters and runs of blanks; words
//   that are repeated or empty, and repeated postings, go;
// - codes of places and of the audience are completed from their tables;
// - a missing publish time becomes `receipt`; a missing expiry the end of the
//   event or course (the end of its first day in China when there is no end),
//   for news publication + kNewsLife; policies hold until withdrawn;
// - state 0 becomes OPEN.
// What was filled or is doubtful is an issue. Output-only fields of the input
// are replaced. Pure.
void NormalizeContent(absl::Time receipt, v1::Content& content);

// Adds what the rules of screening object to as issues; nothing is held back:
// content comes from offices, and a course may cost money.
void FlagScreening(const Screener& screener, v1::Content& content);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_NORMALIZE_CONTENT_H_
