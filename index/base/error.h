#ifndef GRADMATCH_INDEX_BASE_ERROR_H_
#define GRADMATCH_INDEX_BASE_ERROR_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gradmatch {

// What is wrong with one field, for BadRequest and for the rows of a feed.
struct FieldError {
  std::string field;    // path, such as posting.education.min_level
  std::string value;    // the value seen; cut to 100 characters by MakeError
  std::string allowed;  // what is allowed
  std::string nearest;  // nearest valid value; may be empty
};

// An error that carries a google.rpc.ErrorInfo (domain "gradmatch", `reason`
// of error_reasons.h, `metadata`) as a payload of the status, so that it
// reaches the wire unchanged. `message` is a sentence in Chinese where a site
// or a graduate reads it. Never put anything that identifies a person into it.
absl::Status MakeError(absl::StatusCode code, std::string_view reason,
                       std::string_view message,
                       const std::map<std::string, std::string>& metadata = {});

// INVALID_ARGUMENT with ErrorInfo and google.rpc.BadRequest; the message is
// made from the parts: what, where, the value seen, what is allowed, nearest.
absl::Status InvalidField(std::string_view reason, const FieldError& error);

// Several wrong fields at once; `reason` of the whole is the first one's.
struct ReasonedFieldError {
  std::string reason;
  FieldError error;
};
absl::Status InvalidFields(const std::vector<ReasonedFieldError>& errors);

// RESOURCE_EXHAUSTED with google.rpc.RetryInfo.
absl::Status Overloaded(std::string_view reason, std::string_view message,
                        int64_t retry_after_millis);

// The reason carried by `status`, or empty.
std::string ReasonOf(const absl::Status& status);

// The first wrong field carried by `status`; empty fields when there is none.
FieldError FieldErrorOf(const absl::Status& status);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_ERROR_H_
