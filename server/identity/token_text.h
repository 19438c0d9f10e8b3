#ifndef GRADMATCH_SERVER_IDENTITY_TOKEN_TEXT_H_
#define GRADMATCH_SERVER_IDENTITY_TOKEN_TEXT_H_

#include <optional>
#include <string>
#include <string_view>

namespace gradmatch {

// What a bearer token looks like. Pure functions over foreign text.
//
//   bearer := "gm_" id "_" secret
//   id     := [a-z0-9][a-z0-9-]{0,39}
//   secret := 64 lower-case hex digits: 256 random bits
//   header := "Bearer" (any case) spaces bearer

inline constexpr size_t kSecretBytes = 32;

struct BearerText {
  std::string_view id;
  std::string_view secret;  // the hex digits
};

bool IsValidTokenId(std::string_view id);

std::string MakeBearer(std::string_view id, std::string_view secret_hex);

// Nullopt for anything else. The views point into `text`.
std::optional<BearerText> ParseBearer(std::string_view text);

// The bearer of an "authorization" header; nullopt when it is of another
// scheme or empty.
std::optional<std::string_view> BearerOfHeader(std::string_view header);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_TOKEN_TEXT_H_
