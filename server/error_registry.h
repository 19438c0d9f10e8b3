#ifndef GRADMATCH_SERVER_ERROR_REGISTRY_H_
#define GRADMATCH_SERVER_ERROR_REGISTRY_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gradmatch {

// What a caller may do with an error.
enum class RetryAdvice {
  kNever,      // the same request fails again
  kAfterFix,   // after the request, or what it depends on, was changed
  kAfterRead,  // read the resource again, apply the change to it, send that
  kLater,      // the same request, after a pause that grows
};

// One reason of index/base/error_reasons.h, for people. This is the one place
// (error_entries.cc) that says what a reason means; server/errors.zh.md is made
// from it, and tests fail when a reason has no entry or the page is not what
// this gives.
struct ErrorEntry {
  std::string_view reason;
  // Codes it comes with; empty: only within row results.
  std::vector<absl::StatusCode> codes;
  // HTTP status where it is not the one of the code; 0: it is.
  int http_status = 0;
  RetryAdvice retry = RetryAdvice::kAfterFix;
  std::string_view meaning;  // Chinese: what happened
  std::string_view advice;   // Chinese: what to do
};

// In the order of the page.
std::span<const ErrorEntry> ErrorRegistry();
// Null for a reason there is not.
const ErrorEntry* FindError(std::string_view reason);

// google.rpc.Code's mapping to HTTP.
int HttpStatusOf(absl::StatusCode code);
// The same, with the reason's own where it has one.
int HttpStatusOf(absl::StatusCode code, std::string_view reason);

// The page, in Markdown.
std::string ErrorPage();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ERROR_REGISTRY_H_
