#include "matcher/ingest/resource_id.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

constexpr std::string_view kGraduatePrefix = "graduates/";
constexpr std::string_view kContentPrefix = "contents/";

// The id behind a collection's prefix; nullopt unless it may be an id there.
std::optional<std::string_view> IdBehind(std::string_view prefix,
                                         std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  const std::string_view id = name.substr(prefix.size());
  if (!IsValidId(id)) return std::nullopt;
  if (!std::isalnum(static_cast<unsigned char>(id[0]))) return std::nullopt;
  return id;
}

// "h-" and 16 hex digits: what a source writes in this form is hashed as well,
// or it could take the place of another posting's hash.
bool LooksHashed(std::string_view id) {
  return id.size() == 18 && id.starts_with("h-") &&
         std::all_of(id.begin() + 2, id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

}  // namespace

std::string PostingIdFor(std::string_view source_posting_id) {
  if (IsValidId(source_posting_id) && !LooksHashed(source_posting_id)) {
    return std::string(source_posting_id);
  }
  return absl::StrFormat("h-%016x", ContentHash(source_posting_id));
}

std::string MakePostingName(std::string_view source_id,
                            std::string_view posting_id) {
  return absl::StrCat("sources/", A(source_id), "/postings/", A(posting_id));
}

std::string PostingNameOfKey(std::string_view key) {
  const size_t slash = key.find('/');
  if (slash == std::string_view::npos) return "";
  return MakePostingName(key.substr(0, slash), key.substr(slash + 1));
}

std::string MakeGraduateName(std::string_view graduate_id) {
  return absl::StrCat(A(kGraduatePrefix), A(graduate_id));
}

std::optional<std::string_view> GraduateIdOfName(std::string_view name) {
  return IdBehind(kGraduatePrefix, name);
}

std::string MakeContentName(std::string_view content_id) {
  return absl::StrCat(A(kContentPrefix), A(content_id));
}

std::optional<std::string_view> ContentIdOfName(std::string_view name) {
  return IdBehind(kContentPrefix, name);
}

bool IdentifiesPerson(std::string_view graduate_id) {
  const auto digits = [&](size_t count) {
    return std::all_of(
        graduate_id.begin(), graduate_id.begin() + count,
        [](char c) { return std::isdigit(static_cast<unsigned char>(c)); });
  };
  if (graduate_id.size() == 11) {
    return digits(11) && graduate_id[0] == '1' && graduate_id[1] >= '3';
  }
  if (graduate_id.size() != 18 || !digits(17)) return false;
  // ISO 7064, MOD 11-2: the weight of a place is 2 to its distance from the
  // end.
  int sum = 0;
  for (int i = 0; i < 17; ++i) {
    sum += (graduate_id[i] - '0') * ((1 << (17 - i)) % 11);
  }
  const char last = static_cast<char>(
      std::toupper(static_cast<unsigned char>(graduate_id[17])));
  return last == "10X98765432"[sum % 11];
}

}  // namespace gradmatch
