#include "server/identity/token_text.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

constexpr std::string_view kPrefix = "gm_";
constexpr std::string_view kScheme = "bearer";
constexpr size_t kMaxIdBytes = 40;

bool IsLowerOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}
bool IsHexDigit(char c) {
  return (c >= 'a' && c <= 'f') || (c >= '0' && c <= '9');
}

}  // namespace

bool IsValidTokenId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && IsLowerOrDigit(id[0]) &&
         std::ranges::all_of(
             id, [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

std::string MakeBearer(std::string_view id, std::string_view secret_hex) {
  return absl::StrCat(A(kPrefix), A(id), "_", A(secret_hex));
}

std::optional<BearerText> ParseBearer(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  const size_t end = text.find('_');
  if (end == std::string_view::npos) return std::nullopt;
  const BearerText bearer{text.substr(0, end), text.substr(end + 1)};
  if (!IsValidTokenId(bearer.id) || bearer.secret.size() != 2 * kSecretBytes ||
      !std::ranges::all_of(bearer.secret, IsHexDigit)) {
    return std::nullopt;
  }
  return bearer;
}

std::optional<std::string_view> BearerOfHeader(std::string_view header) {
  if (header.size() <= kScheme.size() || header[kScheme.size()] != ' ' ||
      !absl::EqualsIgnoreCase(A(header.substr(0, kScheme.size())),
                              A(kScheme))) {
    return std::nullopt;
  }
  header.remove_prefix(kScheme.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  if (header.empty()) return std::nullopt;
  return header;
}

}  // namespace gradmatch
