#ifndef GRADMATCH_MATCHER_INGEST_COMPLETE_CODE_H_
#define GRADMATCH_MATCHER_INGEST_COMPLETE_CODE_H_

#include <span>
#include <string_view>

#include "google/protobuf/repeated_field.h"
#include "gradmatch/v1/common.pb.h"

namespace gradmatch {

using Issues = google::protobuf::RepeatedPtrField<v1::Issue>;

// Completes a code that FieldChecks::Code accepts: from its table, or, where
// only a name is given, when exactly one entry of a system bears the name (the
// first such system). Adds what was read from the name, and an edition that is
// not ours, to `issues`.
void CompleteAndFlag(std::string_view field,
                     std::span<const std::string_view> systems, v1::Code& code,
                     Issues& issues);

// Cleans a text for display; one line. Text that is not UTF-8 is left alone.
void CleanText(std::string* text);
void CleanLine(std::string* text);
// Cleans words and drops empty and repeated ones; the order stays.
void CleanWords(google::protobuf::RepeatedPtrField<std::string>* words);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_COMPLETE_CODE_H_
