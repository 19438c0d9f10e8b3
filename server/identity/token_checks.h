#ifndef GRADMATCH_SERVER_IDENTITY_TOKEN_CHECKS_H_
#define GRADMATCH_SERVER_IDENTITY_TOKEN_CHECKS_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/token_service.pb.h"

namespace gradmatch {

// What is wrong with requests about tokens; pure. INVALID_ARGUMENT.

// The id of tokens/{token}.
absl::StatusOr<std::string> ParseTokenName(std::string_view field,
                                           std::string_view name);
// A token to be made: role set, the tenant's name of the role's kind or none,
// at most 50 scopes each of something that the role may call, a note of at most
// 200 characters, an expiry between now and 400 days.
absl::Status CheckNewToken(const v1::CreateTokenRequest& request,
                           absl::Time now);
absl::StatusOr<absl::Duration> OverlapOf(const v1::RotateTokenRequest& request);
absl::StatusOr<std::optional<absl::Time>> NewExpiryOf(
    const v1::RotateTokenRequest& request, absl::Time now);
absl::Status CheckRevocation(const v1::RevokeTokenRequest& request);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_IDENTITY_TOKEN_CHECKS_H_
