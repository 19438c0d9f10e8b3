#ifndef GRADMATCH_SERVER_SYNC_FIGURES_H_
#define GRADMATCH_SERVER_SYNC_FIGURES_H_

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/source.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "index/store.h"
#include "server/metrics/metrics.h"
#include "server/runtime.h"

namespace gradmatch {

// What became of the syncs of a source: the last 30, kept when the server is
// started again.
inline constexpr size_t kSyncsKept = 30;

// Writes one down, and forgets those that are too old. One sync of a source
// runs at a time, so nobody else writes its figures meanwhile. What has no
// `durability` but kBuffered may be lost with the machine: figures are no
// records.
absl::Status KeepSyncFigures(Store& store, std::string_view source_id,
                             const v1::SyncFigures& figures,
                             Durability durability);
// The newest first.
absl::StatusOr<std::vector<v1::SyncFigures>> ReadSyncFigures(
    const Store& store, std::string_view source_id);
// For the batch that deletes the source.
absl::Status ForgetSyncFigures(const Store& store, std::string_view source_id,
                               WriteBatch& batch);

// Counts what was rejected, by reason.
void CountRejected(std::span<const v1::SyncRowResult> results,
                   v1::SyncFigures& figures);

// Counts what became of rows, for /metrics. `kind`: postings, graduates,
// contents; `source`: its id, empty where a row has none.
void CountSyncRows(std::string_view kind, std::string_view source,
                   std::span<const v1::SyncRowResult> results,
                   Metrics& metrics);

// Everything GetSourceFigures answers. Reads all postings of the source; `stop`
// is asked now and then. SOURCE_NOT_FOUND.
absl::StatusOr<v1::SourceFigures> FiguresOf(
    const Engine& engine, std::string_view source_id, absl::Time now,
    const std::function<absl::Status()>& stop);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_SYNC_FIGURES_H_
