#ifndef GRADMATCH_SERVER_ATTRIBUTION_H_
#define GRADMATCH_SERVER_ATTRIBUTION_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/page_token.h"

namespace gradmatch {

// Attribution tokens join what a graduate does to the answer it was given:
// sealed with the secret of the data folder, so that nobody makes one up, and
// to the graduate, so that one graduate's token is refused for another. Nobody
// can read from a token whom it was given to.

// What a token says.
struct Attribution {
  std::string origin;  // MatchService.MatchPostings; no '|'
  int64_t generation = 0;
  std::string version;  // of the ranker
  // Tells the answers of one graduate and generation apart; says nothing else.
  std::string answer;
};

// `graduate_key`: GraduateKey of whom the answer was for; empty when it was for
// nobody in particular, as a search's.
std::string MakeAttributionToken(const PageTokens& tokens,
                                 const Attribution& attribution,
                                 std::string_view graduate_key);

// A token of this graduate or of nobody in particular. INVALID_ARGUMENT,
// ATTRIBUTION_TOKEN_INVALID, on `field` for any other text.
absl::StatusOr<Attribution> ReadAttributionToken(const PageTokens& tokens,
                                                 std::string_view field,
                                                 std::string_view token,
                                                 std::string_view graduate_key);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ATTRIBUTION_H_
