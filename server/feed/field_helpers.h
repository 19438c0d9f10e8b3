#ifndef GRADMATCH_SERVER_FEED_FIELD_HELPERS_H_
#define GRADMATCH_SERVER_FEED_FIELD_HELPERS_H_

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/text/parsed.h"
#include "server/feed/field_parsers.h"

namespace gradmatch {

// A value was read by an assumption; the message names it.
inline constexpr char kIssueAssumed[] = "VALUE_ASSUMED";

// The text of the first column that has one, else the default.
inline std::string_view FirstText(const RuleInput& in) {
  for (const std::string& text : in.texts) {
    if (!text.empty()) return text;
  }
  return in.rule.fallback;
}

// Flags text that stays as it is.
inline void NotUnderstood(const RuleInput& in, std::string_view text,
                          std::string_view allowed, MappedPosting& out) {
  out.issues.push_back(MakeIssue(
      kIssueNotUnderstood, in.rule.target, text,
      absl::StrCat("未能识别，已按原文保留；可识别的写法：", A(allowed))));
}

// Flags what was assumed for a value, if anything was.
template <typename T>
void NoteAssumption(const RuleInput& in, std::string_view text,
                    const Parsed<T>& read, MappedPosting& out) {
  if (!read.certain) {
    out.issues.push_back(
        MakeIssue(kIssueAssumed, in.rule.target, text, read.note));
  }
}

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_FIELD_HELPERS_H_
