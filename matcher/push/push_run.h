#ifndef GRADMATCH_MATCHER_PUSH_PUSH_RUN_H_
#define GRADMATCH_MATCHER_PUSH_PUSH_RUN_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "gradmatch/v1/push.pb.h"
#include "index/base/clock.h"
#include "index/catalog.h"
#include "index/push_store.h"
#include "matcher/push/allocator.h"
#include "matcher/push/floors.h"
#include "matcher/push/push_ranker.h"

namespace gradmatch {

struct PushRunOptions {
  // --- Changes speed only ---
  int threads = 2;
  // Graduates whose items go to disk in one synced batch.
  int graduates_per_write = 512;
};

// Where a run is: written by the run, read by whoever asks.
struct PushProgress {
  std::atomic<v1::PushRun::State> stage = v1::PushRun::STATE_PENDING;
  std::atomic<int64_t> done = 0;   // graduates in this stage
  std::atomic<int64_t> total = 0;  // 0 until known
  std::atomic<int64_t> selected = 0;
  std::atomic<int64_t> stage_began_micros = 0;  // since 1970
  // Graduates a second of the stages that are over, by stage; 0: not known.
  std::array<std::atomic<double>, v1::PushRun::State_ARRAYSIZE> rates{};
};

// Asked often. kCancel ends the run for good; kStop leaves it unfinished, to be
// taken up again.
enum class PushWord { kGoOn, kCancel, kStop };

enum class PushEnd { kReady, kCancelled, kStopped };

// Everything a run works with. All borrowed.
struct PushRunParts {
  Store* store = nullptr;
  PushStore* push_store = nullptr;
  const Catalog* catalog = nullptr;
  const PushRanker* ranker = nullptr;
  const Allocator* allocator = nullptr;
  const Clock* clock = nullptr;
  // For plans with a floor; those fail without.
  PriorityReader* priorities = nullptr;
};

// Carries out a stored run from where its checkpoint stands to its end:
// select, retrieve and score, allocate, write. Graduates go in the order of
// keys; those up to the checkpoint keep what they have, the rest are worked out
// anew on the current snapshot, scored as of the run's start. With the same
// postings and graduates the items are those of an unbroken run, byte for byte
// but for the times. One run at a time in a store: the caller's duty.
//
// An error leaves the stored run as it was at its last checkpoint.
absl::StatusOr<PushEnd> ExecutePushRun(const PushRunParts& parts,
                                       const PushRunOptions& options,
                                       std::string_view run_id,
                                       const std::function<PushWord()>& word,
                                       PushProgress& progress);

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_PUSH_RUN_H_
