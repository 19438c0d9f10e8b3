#include "server/attribution.h"

#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// The key is under the seal, not in the token. In hex, since it may hold the
// byte that ends a purpose.
std::string Purpose(std::string_view graduate_key) {
  return absl::StrCat("attribution/", absl::BytesToHexString(A(graduate_key)));
}

absl::StatusOr<Attribution> Parse(std::string_view content) {
  const std::vector<std::string> parts = absl::StrSplit(A(content), '|');
  Attribution attribution;
  if (parts.size() != 4 ||
      !absl::SimpleAtoi(parts[1], &attribution.generation)) {
    return absl::InternalError("a sealed attribution token does not parse");
  }
  attribution.origin = parts[0];
  attribution.version = parts[2];
  attribution.answer = parts[3];
  return attribution;
}

}  // namespace

std::string MakeAttributionToken(const PageTokens& tokens,
                                 const Attribution& attribution,
                                 std::string_view graduate_key) {
  return tokens.Seal(
      Purpose(graduate_key),
      absl::StrCat(attribution.origin, "|", attribution.generation, "|",
                   attribution.version, "|", attribution.answer));
}

absl::StatusOr<Attribution> ReadAttributionToken(
    const PageTokens& tokens, std::string_view field, std::string_view token,
    std::string_view graduate_key) {
  for (std::string_view key : {graduate_key, std::string_view()}) {
    const auto content = tokens.Open(Purpose(key), field, token);
    if (content.ok()) return Parse(*content);
  }
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(token);
  error.allowed =
      "推荐应答给该毕业生的 attribution_token，或推送条目的 push_id，原样传回";
  return InvalidField(kAttributionInvalid, error);
}

}  // namespace gradmatch
