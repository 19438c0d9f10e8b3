#ifndef GRADMATCH_SERVER_HTTP_HOST_CHECK_H_
#define GRADMATCH_SERVER_HTTP_HOST_CHECK_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace gradmatch {

// Against web pages whose name was made to lead to this machine (DNS
// rebinding): their browser would reach a listener that asks nobody who they
// are, and let the page read the answers, but it sends the page's host. Pure.

// OK when the Host header is missing (no browser's), an address or name of this
// machine's own loopback, or one of `names`; the port does not matter.
// PERMISSION_DENIED, and in Chinese what the operator may set.
absl::Status CheckHost(std::string_view host,
                       const std::vector<std::string>& names);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_HOST_CHECK_H_
