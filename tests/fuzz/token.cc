// Tokens that callers give back: page and attribution tokens.

#include <memory>
#include <string>
#include <string_view>

#include "gradmatch/v1/posting_service.pb.h"
#include "index/pseudonym.h"
#include "matcher/text/normalize.h"
#include "server/attribution.h"
#include "server/page_token.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

constexpr char kMethod[] = "PostingService.ListPostings";
constexpr char kCursor[] = "gd/A-1";

PageTokens Tokens() {
  auto pseudonyms = std::make_shared<Pseudonymizer>(
      Pseudonymizer::FromSecret(std::string(kSecretBytes, 'a')));
  return PageTokens(
      [pseudonyms](std::string_view bytes) { return pseudonyms->Of(bytes); });
}

v1::ListPostingsRequest Request() {
  v1::ListPostingsRequest request;
  request.set_parent("sources/gd");
  return request;
}

// A good token with one byte replaced, inserted or removed.
std::string Edit(std::string token, Choices& choices) {
  const size_t at = choices.Pick(token.size());
  switch (choices.Pick(3)) {
    case 0:
      token[at] = static_cast<char>(choices.Pick(256));
      break;
    case 1:
      token.insert(at, 1, static_cast<char>(choices.Pick(256)));
      break;
    default:
      token.erase(at, 1 + choices.Pick(8));
  }
  return token;
}

}  // namespace

// No other bytes than those that were made are taken.
void FuzzToken(std::string_view bytes) {
  static const auto& tokens = *new PageTokens(Tokens());
  static const auto& page =
      *new std::string(tokens.Make(kMethod, Request(), kCursor));
  static const auto& attribution = *new std::string(MakeAttributionToken(
      tokens, {"MatchService.MatchPostings", 7, "r1", "a"}, "key"));
  Choices choices(bytes);
  const bool edited = choices.Pick(2) == 1;
  const std::string one =
      edited ? Edit(page, choices) : std::string(choices.rest());
  const std::string other =
      edited ? Edit(attribution, choices) : std::string(choices.rest());
  // Over the wire a text is UTF-8, or the request is refused before.
  if (FindInvalidUtf8(one).has_value() || FindInvalidUtf8(other).has_value()) {
    return;
  }
  v1::ListPostingsRequest request = Request();
  request.set_page_token(one);
  const auto cursor = tokens.Read(kMethod, request);
  PROMISE(!cursor.ok() || one == page || one.empty());
  PROMISE(!cursor.ok() || one.empty() || *cursor == kCursor);
  PROMISE(!ReadAttributionToken(tokens, "t", other, "key").ok() ||
          other == attribution);
  PROMISE(!ReadAttributionToken(tokens, "t", attribution, "other").ok());
}

}  // namespace gradmatch
