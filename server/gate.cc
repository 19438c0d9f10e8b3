#include "server/gate.h"

namespace gradmatch {
namespace {

class OpenGateImpl final : public Gate {
 public:
  absl::StatusOr<Caller> Identify(
      const grpc::ServerContextBase&) const override {
    return LocalCaller();
  }
  absl::Status Admit(const Caller&, std::string_view) const override {
    return absl::OkStatus();
  }
  absl::Status Authorize(const Caller&, std::string_view,
                         const google::protobuf::Message&) const override {
    return absl::OkStatus();
  }
};

}  // namespace

const Gate& OpenGate() {
  static const auto& gate = *new OpenGateImpl;
  return gate;
}

}  // namespace gradmatch
