#ifndef GRADMATCH_SERVER_GATE_H_
#define GRADMATCH_SERVER_GATE_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "server/caller.h"

namespace gradmatch {

// Who comes in, and what it may do there. Every call passes both, in this
// order, before any work is done for it; see rpc.h and sync_stream.h. Methods
// are named "PostingService.GetPosting". Thread-safe.
class Gate {
 public:
  virtual ~Gate() = default;

  // From what the connection and the call's metadata prove. UNAUTHENTICATED.
  virtual absl::StatusOr<Caller> Identify(
      const grpc::ServerContextBase& context) const = 0;

  // Whether `caller` may call `method` at all; before its request is looked at,
  // and of a sync before each batch. PERMISSION_DENIED; RESOURCE_EXHAUSTED
  // while the disk has no room for it.
  virtual absl::Status Admit(const Caller& caller,
                             std::string_view method) const = 0;

  // Whether it may ask this of it: that what the request names is the caller's
  // own. For a sync, `request` is its first message. PERMISSION_DENIED.
  virtual absl::Status Authorize(
      const Caller& caller, std::string_view method,
      const google::protobuf::Message& request) const = 0;
};

// Lets everybody in as LocalCaller(): for a server without identities, which
// listens on this machine only.
const Gate& OpenGate();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_GATE_H_
