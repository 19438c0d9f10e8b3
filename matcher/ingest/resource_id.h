#ifndef GRADMATCH_MATCHER_INGEST_RESOURCE_ID_H_
#define GRADMATCH_MATCHER_INGEST_RESOURCE_ID_H_

#include <optional>
#include <string>
#include <string_view>

namespace gradmatch {

// The last part of a posting's name: `source_posting_id` as it is when it is a
// valid id (index/keys.h) that does not look like a hashed one, else "h-" and
// 16 hex digits of its ContentHash. Deterministic.
std::string PostingIdFor(std::string_view source_posting_id);

// "sources/{source}/postings/{posting}" of ids, and of the key under which a
// posting is stored, "source/posting".
std::string MakePostingName(std::string_view source_id,
                            std::string_view posting_id);
std::string PostingNameOfKey(std::string_view key);

// "graduates/{graduate}" and its id; nullopt unless the id matches
// [A-Za-z0-9][A-Za-z0-9._~-]{0,63}.
std::string MakeGraduateName(std::string_view graduate_id);
std::optional<std::string_view> GraduateIdOfName(std::string_view name);

// "contents/{content}" and its id; nullopt unless the id matches
// [A-Za-z0-9][A-Za-z0-9._~-]{0,63}.
std::string MakeContentName(std::string_view content_id);
std::optional<std::string_view> ContentIdOfName(std::string_view name);

// Whether an id that should be a pseudonym is an identity number (18 characters
// whose check character is right, GB 11643) or looks like a mobile number.
bool IdentifiesPerson(std::string_view graduate_id);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_RESOURCE_ID_H_
