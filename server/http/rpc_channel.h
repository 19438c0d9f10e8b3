#ifndef GRADMATCH_SERVER_HTTP_RPC_CHANNEL_H_
#define GRADMATCH_SERVER_HTTP_RPC_CHANNEL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"

namespace gradmatch {

// What goes along with a call: names in lower case, and values.
using RpcMetadata = std::vector<std::pair<std::string, std::string>>;

// One call of a streaming method, messages serialized. One thread may write
// while another reads; each waits for its message to be taken or to come, so
// that nothing gathers here.
class RpcStream {
 public:
  virtual ~RpcStream() = default;  // cancels what has not ended

  // False when the call has ended: no more will be taken.
  virtual bool Write(const std::string& message) = 0;
  virtual void WritesDone() = 0;
  // False at the end.
  virtual bool Read(std::string& message) = 0;
  // Any thread, also while others wait in the above: they return false soon.
  virtual void Cancel() = 0;
  // How the call ended; waits until it has. After the last Read and Write.
  virtual absl::Status Finish() = 0;
};

// Calls methods by their paths ("/gradmatch.v1.PostingService/GetPosting") with
// messages as bytes. Thread-safe; waits on the caller's thread.
class RpcChannel {
 public:
  explicit RpcChannel(std::shared_ptr<grpc::Channel> channel);

  // The response. Errors have the payloads that the service gave them.
  absl::StatusOr<std::string> Call(const std::string& path,
                                   const std::string& request,
                                   absl::Time deadline,
                                   const RpcMetadata& metadata);
  // InfiniteFuture: no deadline.
  std::unique_ptr<RpcStream> Open(const std::string& path, absl::Time deadline,
                                  const RpcMetadata& metadata);

 private:
  grpc::GenericStub stub_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_RPC_CHANNEL_H_
