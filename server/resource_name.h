#ifndef GRADMATCH_SERVER_RESOURCE_NAME_H_
#define GRADMATCH_SERVER_RESOURCE_NAME_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace gradmatch {

// Resource names after AIP-122. `field` is the path of the request's field, for
// the error: INVALID_ARGUMENT, NAME_INVALID (FIELD_MISSING when empty) with
// BadRequest. Ids are checked with IsValidId (index/keys.h), so that what is
// returned may become a key.

// Reads `name` after a pattern such as "pushRuns/{push_run}/items/{item}" and
// returns the ids in order.
absl::StatusOr<std::vector<std::string>> ParseResourceName(
    std::string_view field, std::string_view pattern, std::string_view name);

struct PostingName {
  std::string source;
  std::string posting;
};
absl::StatusOr<PostingName> ParsePostingName(std::string_view field,
                                             std::string_view name);
// Each returns the last id.
absl::StatusOr<std::string> ParseSourceName(std::string_view field,
                                            std::string_view name);
absl::StatusOr<std::string> ParseGraduateName(std::string_view field,
                                              std::string_view name);
absl::StatusOr<std::string> ParseContentName(std::string_view field,
                                             std::string_view name);
absl::StatusOr<std::string> ParsePushPlanName(std::string_view field,
                                              std::string_view name);
absl::StatusOr<std::string> ParsePushRunName(std::string_view field,
                                             std::string_view name);
absl::StatusOr<std::string> ParseStaffName(std::string_view field,
                                           std::string_view name);
absl::StatusOr<std::string> ParseOperationName(std::string_view field,
                                               std::string_view name);

// sources/{source}, where "-" stands for all: then the result is empty.
absl::StatusOr<std::string> ParseSourceParent(std::string_view field,
                                              std::string_view parent);

// Whether `id` may be a new source's: [a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?
bool IsValidSourceId(std::string_view id);
// Whether `id` may be a new graduate's, or new content's:
// [A-Za-z0-9][A-Za-z0-9._~-]{0,63}
bool IsValidGraduateId(std::string_view id);
bool IsValidContentId(std::string_view id);
// Whether `id` may be that of new staff: [A-Za-z0-9][A-Za-z0-9._~-]{0,63}
bool IsValidStaffId(std::string_view id);

std::string SourceNameOf(std::string_view source_id);
std::string PostingNameOf(std::string_view source_id,
                          std::string_view posting_id);
std::string GraduateNameOf(std::string_view graduate_id);
std::string ContentNameOf(std::string_view content_id);
std::string StaffNameOf(std::string_view staff_id);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RESOURCE_NAME_H_
