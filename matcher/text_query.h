#ifndef GRADMATCH_MATCHER_TEXT_QUERY_H_
#define GRADMATCH_MATCHER_TEXT_QUERY_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "gradmatch/v1/graduate.pb.h"

namespace gradmatch {

inline constexpr size_t kMaxQueryBytes = 8'000;  // 2,000 characters of Chinese

// What somebody typed into a search box as a profile: the text itself, and as
// soft wishes the places and job functions it names ("武汉 会计"). Nothing else
// is derived. InvalidArgument when the text is empty, too long or not UTF-8.
absl::StatusOr<v1::Profile> ProfileOfText(std::string_view text);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_QUERY_H_
