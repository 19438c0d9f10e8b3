#ifndef GRADMATCH_SERVER_EXPOSURE_H_
#define GRADMATCH_SERVER_EXPOSURE_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/options.h"

namespace gradmatch {

// Which settings let whom in. Pure.

// HOST:PORT: an IPv4 address or a name, or an IPv6 address in brackets.
bool IsListenAddress(std::string_view listen);
// Whether only this machine reaches a listener there.
bool IsLoopback(std::string_view listen);
// 1 to 255 of [a-z0-9._-], as SPIFFE has it.
bool IsTrustDomain(std::string_view name);

// Whether a caller without a certificate gets no connection at all.
bool RequiresClientCertificate(const Options& options);

// An option that is not safe beside the others, and what to set instead.
struct UnsafeOption {
  std::string name;
  std::string value;
  std::string allowed;
};
// The first of: a listener beyond loopback without TLS or without identities; a
// certificate without its key and the reverse; client certificates that nothing
// can verify, or that auth.mode needs and nobody asks for.
std::optional<UnsafeOption> FindUnsafe(const Options& options);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_EXPOSURE_H_
