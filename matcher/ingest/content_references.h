#ifndef GRADMATCH_MATCHER_INGEST_CONTENT_REFERENCES_H_
#define GRADMATCH_MATCHER_INGEST_CONTENT_REFERENCES_H_

#include <functional>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "gradmatch/v1/content.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "index/catalog.h"

namespace gradmatch {

// What content refers to: the source that publishes it, postings of an event.

// What is known of a source: nullopt where there is none, else whether it is a
// sandbox. Asked from several threads.
using SourceLookup =
    std::function<std::optional<bool>(std::string_view source_id)>;

// What is wrong with the content's source, with the status it means for a unary
// call in `code`: NAME_INVALID, SOURCE_NOT_FOUND. Sets `sandbox`.
std::optional<v1::RowError> CheckContentSource(const SourceLookup& sources,
                                               const v1::Content& content,
                                               bool& sandbox,
                                               absl::StatusCode& code);

// Adds an issue for each posting of an event that is not stored, up to ten, and
// one for the rest. The status is the store's.
absl::Status FlagUnknownPostings(const Catalog& catalog, v1::Content& content);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_CONTENT_REFERENCES_H_
