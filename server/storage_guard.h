#ifndef GRADMATCH_SERVER_STORAGE_GUARD_H_
#define GRADMATCH_SERVER_STORAGE_GUARD_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"
#include "index/disk_space.h"
#include "server/gate.h"
#include "server/housekeeping.h"
#include "server/log.h"
#include "server/options.h"

namespace gradmatch {

class RocksdbStore;

struct StorageGuardOptions {
  std::string folder;
  FeedBlockLimits limits;
  absl::Duration interval = absl::Seconds(1);
  absl::Duration verify_interval = absl::Hours(24 * 7);
  std::function<absl::StatusOr<DiskSpace>(const std::string& folder)> read =
      ReadDiskSpace;
};
StorageGuardOptions StorageGuardOptionsOf(const Options::Storage& storage);

// Watches the disk of the data folder: while it is nearly full, writes that
// make the data grow are refused, and everything else goes on; when there is
// room again they are taken again. All methods but Start and Stop may run
// concurrently.
class StorageGuard {
 public:
  // `log` is borrowed.
  StorageGuard(StorageGuardOptions options, Logger& log)
      : options_(std::move(options)), log_(log) {}

  // Looks once, then every interval on a thread of its own; reads the tables to
  // their end every verify_interval on another, and says in the log how they
  // are. `store` is borrowed until Stop.
  void Start(RocksdbStore& store);
  void Stop();

  // One look. For Start, and for tests.
  void Look();

  struct State {
    bool blocked = false;  // nearly full
    DiskSpace space;
  };
  State state() const;

  // Whether data may grow: OK, or RESOURCE_EXHAUSTED, STORAGE_FULL with what is
  // free and what is wanted, and when to try again.
  absl::Status CheckRoom() const;

 private:
  void Tell(const State& before, const State& after) const;
  void Verify(RocksdbStore& store, const std::function<bool()>& stop) const;

  const StorageGuardOptions options_;
  Logger& log_;
  mutable Mutex mu_;
  State state_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Housekeeping> looks_;
  std::unique_ptr<Housekeeping> verifies_;
};

// `inner`, and behind it the guard: what method_effects.h calls growing is
// admitted only while there is room. Both are borrowed.
class StorageGate final : public Gate {
 public:
  StorageGate(const Gate& inner, const StorageGuard& guard)
      : inner_(inner), guard_(guard) {}

  absl::StatusOr<Caller> Identify(
      const grpc::ServerContextBase& context) const override {
    return inner_.Identify(context);
  }
  absl::Status Admit(const Caller& caller,
                     std::string_view method) const override;
  absl::Status Authorize(
      const Caller& caller, std::string_view method,
      const google::protobuf::Message& request) const override {
    return inner_.Authorize(caller, method, request);
  }

 private:
  const Gate& inner_;
  const StorageGuard& guard_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_STORAGE_GUARD_H_
