#ifndef GRADMATCH_SERVER_SERVER_FIGURES_H_
#define GRADMATCH_SERVER_SERVER_FIGURES_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "gradmatch/v1/admin_service.pb.h"
#include "index/push_store.h"
#include "index/rocksdb_store.h"
#include "server/admin_service.h"
#include "server/data_snapshots/data_snapshots.h"
#include "server/log.h"
#include "server/metrics/disk_watch.h"
#include "server/metrics/metrics.h"
#include "server/posting_counts.h"
#include "server/push_scheduler.h"
#include "server/retention/retention_runner.h"
#include "server/runtime.h"

namespace gradmatch {

// Hours since the last committed sync of the sources that are overdue, by id.
std::map<std::string, double> OverdueSources(const SourceRegistry& sources,
                                             absl::Time now);

// The gauges of one server, read from its parts when somebody asks. What would
// be costly (counts of records) is kept for a while; see PostingCounts. All
// methods may run concurrently.
class ServerFigures {
 public:
  // Null until the server has loaded. Borrowed.
  struct Loaded {
    const RocksdbStore* store = nullptr;
    const PushStore* push_store = nullptr;
    const PushScheduler* scheduler = nullptr;
    const RetentionRunner* retention = nullptr;
    const DataSnapshots* snapshots = nullptr;  // null: no folder for them
  };

  // All are borrowed and outlive this.
  ServerFigures(const Runtime& runtime, const ServerFacts& facts,
                const Logger& log, const std::string& data_folder)
      : runtime_(runtime),
        facts_(facts),
        log_(log),
        disk_(data_folder, runtime.clock) {}

  // Once, before the server serves.
  void SetLoaded(const Loaded& loaded) { loaded_ = loaded; }

  // Everything but what the HTTP listener knows.
  void Set(Gauges& gauges);

  // Overdue sources, late plans and retention of `info`.
  absl::Status Complete(v1::ServerInfo& info) const;

 private:
  // loaded_ is written before the state changes, and not after.
  bool HasLoaded() const {
    return runtime_.state() != ServerState::kLoading &&
           loaded_.store != nullptr;
  }
  void SetProcess(Gauges& gauges);
  void SetCalls(Gauges& gauges) const;
  void SetData(const Engine& engine, Gauges& gauges);
  void SetSources(const Engine& engine, Gauges& gauges) const;
  void SetRecall(const Engine& engine, Gauges& gauges) const;
  void SetStorage(Gauges& gauges) const;
  void SetPush(Gauges& gauges) const;
  void SetRetention(Gauges& gauges) const;

  const Runtime& runtime_;
  const ServerFacts& facts_;
  const Logger& log_;
  DiskWatch disk_;
  Loaded loaded_;
  PostingCounts postings_;
  PostingCounts graduates_;
  PostingCounts quarantine_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SERVER_FIGURES_H_
