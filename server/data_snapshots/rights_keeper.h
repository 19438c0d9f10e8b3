#ifndef GRADMATCH_SERVER_DATA_SNAPSHOTS_RIGHTS_KEEPER_H_
#define GRADMATCH_SERVER_DATA_SNAPSHOTS_RIGHTS_KEEPER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/mutex.h"
#include "index/data_snapshot/rights_journal.h"
#include "index/erasure_store.h"
#include "matcher/ingest/decision_sink.h"
#include "server/runtime.h"

namespace gradmatch {

// Puts what people decide, and who may call, into the journal of rights beside
// the data snapshots, before they are answered. Decisions are kept after they
// were stored: what the end of the process or a failed write leaves out is
// noticed by the generations and caught up with. Erasures are kept before: one
// that was journaled and then failed is carried out if the folder is ever
// restored, which its person asked for. All methods but Attach, CatchUp
// and CatchUpWithTokens may run concurrently.
class RightsKeeper final : public DecisionSink {
 public:
  // `clock` is borrowed and outlives this.
  static absl::StatusOr<std::unique_ptr<RightsKeeper>> Open(
      const std::string& folder, const Clock& clock);

  // Before the first decision; borrowed.
  void Attach(const Engine& engine) { engine_ = &engine; }

  // Journals what was decided after what the journal has. To be called before
  // anything is served; then done by Begin after a failure.
  absl::Status CatchUp();
  // Journals the tokens that the journal has otherwise or not at all, as when
  // they changed while there was no folder for it. Before anything is served:
  // later, what it read could be older than what is journaled meanwhile.
  absl::Status CatchUpWithTokens();
  // The folder was restored, and the journal was applied to it.
  absl::Status Restored(std::string_view snapshot_id);

  absl::StatusOr<std::unique_ptr<Pending>> Begin() override;
  // UNAVAILABLE, RIGHTS_JOURNAL_UNAVAILABLE: then nothing may be erased.
  absl::Status KeepErasure(const PendingErasure& erasure);

  // A token or sealed values, after they were stored; see TokenStore and
  // SealedStore. UNAVAILABLE, RIGHTS_JOURNAL_UNAVAILABLE.
  absl::Status KeepToken(const v1::StoredToken& token);
  absl::Status KeepSealed(std::string_view key, const v1::StoredSealed* sealed);

  // Takes out what the erased decided before, and what is older than `oldest`.
  absl::Status Forget(std::span<const PendingErasure> erased,
                      absl::Time oldest);

  RightsJournal& journal() { return *journal_; }

 private:
  class PendingDecisions;

  explicit RightsKeeper(std::unique_ptr<RightsJournal> journal)
      : journal_(std::move(journal)) {}

  // The generation up to which nothing is on its way.
  uint64_t SettledGeneration() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status Keep(std::vector<KeptDecision> decisions);

  const std::unique_ptr<RightsJournal> journal_;
  const Engine* engine_ = nullptr;
  // An append failed: something that is stored may not be in the journal.
  std::atomic<bool> behind_{false};

  Mutex catch_up_mu_;  // one at a time
  Mutex mu_;
  // Generations at which decisions that are on their way began.
  std::multiset<uint64_t> under_way_ ABSL_GUARDED_BY(mu_);
};

// The newest generation that readers see; changes that begin later get higher
// ones.
uint64_t CurrentGeneration(const Catalog& catalog);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DATA_SNAPSHOTS_RIGHTS_KEEPER_H_
