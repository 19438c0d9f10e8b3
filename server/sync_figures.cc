#include "server/sync_figures.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting.pb.h"
#include "index/base/big_endian.h"
#include "index/catalog.h"
#include "index/keys.h"
#include "matcher/proto_time.h"
#include "server/posting_counts.h"
#include "server/resource_name.h"
#include "server/source_registry.h"

namespace gradmatch {
namespace {

KeyRange RangeOf(std::string_view source_id) {
  return PrefixRange(SourcePrefix(source_id));
}

absl::Status CountQuarantined(const Store& store, std::string_view source_id,
                              const std::function<absl::Status()>& stop,
                              v1::SourceFigures& figures) {
  const auto cursor = store.Scan(Family::kQuarantine, RangeOf(source_id));
  for (size_t seen = 1; cursor->Valid(); cursor->Next(), ++seen) {
    if (seen % 256 == 0) {
      absl::Status go_on = stop();
      if (!go_on.ok()) return go_on;
    }
    v1::QuarantineEntry entry;
    if (!entry.ParseFromArray(cursor->value().data(),
                              static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("a quarantine entry does not parse");
    }
    std::set<std::string> rules;
    for (const v1::RuleVerdict& verdict : entry.verdicts()) {
      rules.insert(verdict.rule());
    }
    for (const std::string& rule : rules) {
      ++(*figures.mutable_quarantined())[rule];
    }
  }
  return cursor->status();
}

}  // namespace

void CountSyncRows(std::string_view kind, std::string_view source,
                   std::span<const v1::SyncRowResult> results,
                   Metrics& metrics) {
  std::map<v1::SyncRowResult::Status, int64_t> counts;
  for (const v1::SyncRowResult& result : results) ++counts[result.status()];
  for (const auto& [status, count] : counts) {
    constexpr size_t kPrefix = sizeof("STATUS_") - 1;
    const std::string name = v1::SyncRowResult::Status_Name(status);
    metrics.Count(Metric::kSyncRows,
                  {kind, source, std::string_view(name).substr(kPrefix)},
                  static_cast<double>(count));
  }
}

absl::Status KeepSyncFigures(Store& store, std::string_view source_id,
                             const v1::SyncFigures& figures,
                             Durability durability) {
  const std::string prefix = SourcePrefix(source_id);
  int64_t micros = absl::ToUnixMicros(TimeOf(figures.start_time()));
  WriteBatch batch;
  size_t kept = 1;
  const auto cursor = store.Scan(Family::kSyncFigures, PrefixRange(prefix));
  for (; cursor->Valid(); cursor->Next(), ++kept) {
    if (kept == 1) {
      // Behind the newest, also when a clock stands still or goes back.
      const auto newest = static_cast<int64_t>(
          ~ReadBigEndian64(cursor->key().substr(prefix.size())));
      micros = std::max(micros, newest + 1);
    }
    if (kept >= kSyncsKept) {
      batch.Delete(Family::kSyncFigures, std::string(cursor->key()));
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  batch.Put(Family::kSyncFigures, SyncFiguresKey(source_id, micros),
            figures.SerializeAsString());
  return store.Write(batch, durability);
}

absl::StatusOr<std::vector<v1::SyncFigures>> ReadSyncFigures(
    const Store& store, std::string_view source_id) {
  std::vector<v1::SyncFigures> all;
  const auto cursor = store.Scan(Family::kSyncFigures, RangeOf(source_id));
  for (; cursor->Valid() && all.size() < kSyncsKept; cursor->Next()) {
    if (!all.emplace_back().ParseFromArray(
            cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("figures of a sync do not parse");
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  return all;
}

absl::Status ForgetSyncFigures(const Store& store, std::string_view source_id,
                               WriteBatch& batch) {
  const auto cursor = store.Scan(Family::kSyncFigures, RangeOf(source_id));
  for (; cursor->Valid(); cursor->Next()) {
    batch.Delete(Family::kSyncFigures, std::string(cursor->key()));
  }
  return cursor->status();
}

void CountRejected(std::span<const v1::SyncRowResult> results,
                   v1::SyncFigures& figures) {
  for (const v1::SyncRowResult& result : results) {
    if (result.status() != v1::SyncRowResult::STATUS_REJECTED) continue;
    ++(*figures.mutable_rejected())[result.error().reason()];
  }
}

absl::StatusOr<v1::SourceFigures> FiguresOf(
    const Engine& engine, std::string_view source_id, absl::Time now,
    const std::function<absl::Status()>& stop) {
  const auto source = engine.sources.Get(source_id);
  if (!source.ok()) return source.status();
  v1::SourceFigures figures;
  figures.set_name(absl::StrCat(SourceNameOf(source_id), "/figures"));
  const auto counts = CountPostings(engine.catalog, RangeOf(source_id), stop);
  if (!counts.ok()) return counts.status();
  for (const auto& [state, count] : *counts) {
    (*figures.mutable_postings())[state] = count;
  }
  absl::Status counted =
      CountQuarantined(engine.store, source_id, stop, figures);
  if (!counted.ok()) return counted;
  auto syncs = ReadSyncFigures(engine.store, source_id);
  if (!syncs.ok()) return syncs.status();
  for (v1::SyncFigures& one : *syncs) *figures.add_syncs() = std::move(one);
  figures.set_lag_seconds(
      source->has_last_sync_time()
          ? std::max<int64_t>(
                0, absl::ToInt64Seconds(now - TimeOf(source->last_sync_time())))
          : -1);
  return figures;
}

}  // namespace gradmatch
