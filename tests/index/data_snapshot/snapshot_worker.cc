// For snapshot_kill_test: makes or restores a data snapshot and kills itself
// before its n-th step.
//
//   snapshot_worker create DATA SNAPSHOTS N
//   snapshot_worker restore SNAPSHOT DATA N
//
// Exits with 0 at the end, 3 when it was refused.
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/time/clock.h"
#include "index/data_snapshot/rights_journal.h"
#include "index/data_snapshot/snapshot_restore.h"
#include "index/data_snapshot/snapshot_writer.h"

namespace gradmatch {
namespace {

int Report(const absl::Status& status) {
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 3;
}

int Create(const std::string& data, const std::string& snapshots,
           const StepHook& at_step) {
  const SystemClock clock;
  RocksdbStoreOptions options;
  options.folder = data;
  options.clock = &clock;
  options.block_cache_bytes = 1 << 20;
  options.write_buffer_bytes = 1 << 20;
  auto store = RocksdbStore::Open(options);
  if (!store.ok()) return Report(store.status());
  auto folder = SnapshotFolder::Open(snapshots, data);
  if (!folder.ok()) return Report(folder.status());
  auto journal = RightsJournal::Open(snapshots, clock);
  if (!journal.ok()) return Report(journal.status());
  WriteBatch batch;
  batch.Put(Family::kPosting, "key", std::to_string(getpid()));
  batch.Put(Family::kGraduate, "key", std::to_string(getpid()));
  absl::Status written = (*store)->Write(batch, Durability::kSynced);
  if (!written.ok()) return Report(written);
  SnapshotRequest request{.id = folder->NewId(clock.Now()),
                          .data_folder = data,
                          .program = "worker",
                          .now = clock.Now(),
                          .journal = (*journal)->position()};
  WorkMeter meter;
  return Report(
      WriteSnapshot(**store, *folder, request, meter, at_step).status());
}

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  if (argc != 5) return 64;
  int left = std::atoi(argv[4]);
  const auto at_step = [&left](std::string_view) {
    if (--left == 0) ::kill(::getpid(), SIGKILL);
  };
  if (std::string(argv[1]) == "create") {
    return gradmatch::Create(argv[2], argv[3], at_step);
  }
  gradmatch::WorkMeter meter;
  return gradmatch::Report(
      gradmatch::RestoreSnapshot({.snapshot = argv[2], .data_folder = argv[3]},
                                 meter, at_step)
          .status());
}
