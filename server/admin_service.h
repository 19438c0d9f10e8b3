#ifndef GRADMATCH_SERVER_ADMIN_SERVICE_H_
#define GRADMATCH_SERVER_ADMIN_SERVICE_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "server/options.h"
#include "server/posting_counts.h"
#include "server/rpc.h"
#include "server/runtime.h"
#include "server/storage_guard.h"

namespace gradmatch {

// What only the start knows. Complete before Runtime::Serve; not changed after.
struct ServerFacts {
  std::string version;
  absl::Time start_time;
  double load_seconds = 0;
  std::string open_mode;  // CREATED, STRICT or RECOVERED
  int format_version = 0;
  std::function<int()> active_push_runs;         // may be empty
  std::function<StorageGuard::State()> storage;  // may be empty
  // What GetServerInfo tells beside; may be empty.
  std::function<absl::Status(v1::ServerInfo&)> complete;
};

// The server about itself; answers while loading and draining too, but for the
// audit, which is among the data. All are borrowed and outlive this.
class AdminServiceImpl final : public v1::AdminService::CallbackService {
 public:
  AdminServiceImpl(Runtime& runtime, const ServerFacts& facts,
                   const std::vector<OptionValue>& options)
      : runtime_(runtime), facts_(facts), options_(options) {}

  grpc::ServerUnaryReactor* GetServerInfo(
      grpc::CallbackServerContext* context,
      const v1::GetServerInfoRequest* request,
      v1::ServerInfo* response) override;
  grpc::ServerUnaryReactor* GetEffectiveConfig(
      grpc::CallbackServerContext* context,
      const v1::GetEffectiveConfigRequest* request,
      v1::EffectiveConfig* response) override;
  grpc::ServerUnaryReactor* ListAuditEntries(
      grpc::CallbackServerContext* context,
      const v1::ListAuditEntriesRequest* request,
      v1::ListAuditEntriesResponse* response) override;

  // What GetServerInfo answers, without a call. Any thread.
  absl::Status ServerInfo(v1::ServerInfo& info);

 private:
  Runtime& runtime_;
  const ServerFacts& facts_;
  const std::vector<OptionValue>& options_;
  PostingCounts posting_counts_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_ADMIN_SERVICE_H_
