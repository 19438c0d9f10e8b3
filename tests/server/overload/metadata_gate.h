#ifndef GRADMATCH_TESTS_SERVER_OVERLOAD_METADATA_GATE_H_
#define GRADMATCH_TESTS_SERVER_OVERLOAD_METADATA_GATE_H_

#include <string>
#include <string_view>

#include "server/gate.h"

namespace gradmatch {

inline constexpr char kTestTenant[] = "x-test-tenant";

// Takes a caller's word for who it is: for tests of quotas, where tenants must
// be many and nothing must be proved. Everything is allowed.
class MetadataGate final : public Gate {
 public:
  absl::StatusOr<Caller> Identify(
      const grpc::ServerContextBase& context) const override {
    const auto it = context.client_metadata().find(kTestTenant);
    if (it == context.client_metadata().end()) return LocalCaller();
    const std::string tenant(it->second.data(), it->second.size());
    return Caller{.principal = "test/" + tenant,
                  .role = CallerRole::kSource,
                  .tenant = tenant};
  }
  absl::Status Admit(const Caller&, std::string_view) const override {
    return absl::OkStatus();
  }
  absl::Status Authorize(const Caller&, std::string_view,
                         const google::protobuf::Message&) const override {
    return absl::OkStatus();
  }
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_OVERLOAD_METADATA_GATE_H_
