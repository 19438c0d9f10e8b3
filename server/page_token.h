#ifndef GRADMATCH_SERVER_PAGE_TOKEN_H_
#define GRADMATCH_SERVER_PAGE_TOKEN_H_

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace gradmatch {

// Page tokens: where the next page begins, bound to the method and to all
// fields of the request but page_size and page_token, and sealed with a secret
// of the data folder, so that made-up tokens and tokens of another list are
// refused instead of answered wrongly. Immutable; threads may share it.
//
// The cursor inside is readable for whoever decodes the token: put nothing in
// that the caller may not see (no pseudonyms; a graduate's own id is fine).
class PageTokens {
 public:
  // `seal` is a keyed hash, such as Pseudonymizer::Of.
  explicit PageTokens(std::function<std::string(std::string_view)> seal);

  std::string Make(std::string_view method,
                   const google::protobuf::Message& request,
                   std::string_view cursor) const;

  // The cursor of `request`'s field page_token; empty for the first page.
  // INVALID_ARGUMENT, PAGE_TOKEN_INVALID, for a token that Make did not make
  // for this method and request.
  absl::StatusOr<std::string> Read(
      std::string_view method, const google::protobuf::Message& request) const;

  // Tokens that are not page tokens (attribution, cursors of streams): the same
  // seal, bound to `purpose` only. Open returns PAGE_TOKEN_INVALID on `field`.
  std::string Seal(std::string_view purpose, std::string_view content) const;
  absl::StatusOr<std::string> Open(std::string_view purpose,
                                   std::string_view field,
                                   std::string_view token) const;

 private:
  const std::function<std::string(std::string_view)> seal_;
};

// AIP-158: 0 means `standard`, more than `most` means `most`. INVALID_ARGUMENT
// when negative.
absl::StatusOr<int> PageSize(int requested, int standard, int most);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_PAGE_TOKEN_H_
