#ifndef GRADMATCH_INDEX_PUSH_STORE_H_
#define GRADMATCH_INDEX_PUSH_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/push.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/mutex.h"
#include "index/store.h"

namespace gradmatch {

// One item on its way to disk; the store numbers it.
struct PushLine {
  std::string graduate_key;   // GraduateKey
  std::string posting_key;    // PostingKey of what is pushed
  std::string canonical_key;  // PostingKey that stands for its group
  uint64_t fingerprint = 0;   // what duplicates share; 0: not known
  v1::PushItem item;          // without name
};

// A posting that staff recommend to a graduate by hand.
struct HandLine {
  std::string graduate_key;
  std::string posting_key;
  std::string canonical_key;
  uint64_t fingerprint = 0;
};

// Why a run had nothing for a graduate.
struct Uncovered {
  std::string run_id;
  std::string code;  // SuppressionCode
};

// One entry of the ledger of a graduate.
struct LedgerLine {
  std::string canonical_key;
  v1::LedgerEntry entry;
};

// What a receiver says about one item.
struct DeliveryReport {
  enum class Code { kSent, kRefused, kBounced };
  std::string run_id;
  int64_t number = 0;
  std::string push_id;
  Code code = Code::kSent;
  std::string channel_reason;
};
enum class DeliveryOutcome { kRecorded, kUnchanged, kNotFound, kMismatch };

// Push plans, runs with their checkpoints, items, and the ledger of who was
// told about what. The ledger is the promise of the service: an item, its
// ledger entry and the counter of its posting are written in one synced batch
// with the checkpoint of the run, so that none is ever there without the
// others. Ids are the last part of a resource name and checked by the caller.
//
// All methods may run concurrently. Changes go one at a time: counters and runs
// are read, changed and written under one lock. Errors of reading: DataLoss
// when a record does not parse; else the store's own.
//
// `also` is written in the same batch as the change: the request log.
class PushStore {
 public:
  // Borrowed; outlives this.
  explicit PushStore(Store& store) : store_(store) {}

  // --- Plans ---
  // Nullopt when there is none.
  absl::StatusOr<std::optional<v1::PushPlan>> GetPlan(
      std::string_view plan_id) const;
  // At most `limit` plans by id, those after `after_id`.
  absl::StatusOr<std::vector<v1::PushPlan>> ListPlans(std::string_view after_id,
                                                      size_t limit) const;
  // `change` gets the stored plan and says how it shall be (nullopt deletes);
  // its error is passed on and nothing is written. `also` gets the same.
  using PlanChange = std::function<absl::StatusOr<std::optional<v1::PushPlan>>(
      const std::optional<v1::PushPlan>& stored)>;
  using PlanAlso =
      std::function<WriteBatch(const std::optional<v1::PushPlan>& plan)>;
  absl::Status ChangePlan(std::string_view plan_id, const PlanChange& change,
                          const PlanAlso& also = nullptr);

  // --- Runs and operations ---
  absl::StatusOr<std::optional<v1::StoredPushRun>> GetRun(
      std::string_view run_id) const;
  absl::StatusOr<std::vector<v1::StoredPushRun>> ListRuns(
      std::string_view after_id, size_t limit) const;
  // Writes the run and its operation unless the run is there already; returns
  // the run as it is stored then.
  struct CreatedRun {
    v1::StoredPushRun run;
    bool created = false;
  };
  absl::StatusOr<CreatedRun> CreateRun(std::string_view run_id,
                                       const v1::StoredPushRun& run,
                                       std::string_view operation_id,
                                       const v1::StoredOperation& operation,
                                       const WriteBatch& also = {});
  // Reads, changes and writes one run, synced. NotFound when there is none.
  // Returns it as stored.
  using RunChange = std::function<void(v1::StoredPushRun& run)>;
  absl::StatusOr<v1::StoredPushRun> ChangeRun(std::string_view run_id,
                                              const RunChange& change,
                                              const WriteBatch& also = {});

  absl::StatusOr<std::optional<v1::StoredOperation>> GetOperation(
      std::string_view operation_id) const;
  // Those whose id begins with `prefix`.
  absl::StatusOr<std::vector<v1::StoredOperation>> ListOperations(
      std::string_view prefix, std::string_view after_id, size_t limit) const;
  absl::Status PutOperation(std::string_view operation_id,
                            const v1::StoredOperation& operation);
  absl::Status DeleteOperation(std::string_view operation_id);

  // --- Items and ledger ---
  // Writes some graduates of a run: the items, numbered on from the checkpoint,
  // their ledger entries as INTENT, the counters, and the run after `change`,
  // all in one synced batch. `change` sees the run with checkpoint.items
  // already advanced. Returns the run as stored. FailedPrecondition when a line
  // is in the ledger already, Aborted when it is for a graduate erased
  // meanwhile: nothing is written then.
  absl::StatusOr<v1::StoredPushRun> AppendItems(std::string_view run_id,
                                                std::vector<PushLine> lines,
                                                int64_t intent_time_micros,
                                                const RunChange& change,
                                                const WriteBatch& also = {});

  // The ledger entry (SENT, without a run; its item is -1) and the counter of a
  // posting that was recommended by hand, in one synced batch with `also`.
  // False when `told` says of the graduate's ledger that it was told before:
  // nothing is written then.
  using ToldBefore = std::function<bool(std::span<const LedgerLine> ledger)>;
  absl::StatusOr<bool> AppendByHand(const HandLine& line, int64_t time_micros,
                                    const ToldBefore& told,
                                    const WriteBatch& also);

  // Why a graduate got nothing: kept for the last run that had nothing for it.
  static void PutUncovered(std::string_view graduate_key,
                           const Uncovered& uncovered, WriteBatch& batch);
  absl::StatusOr<std::optional<Uncovered>> GetUncovered(
      std::string_view graduate_key) const;

  struct NumberedItem {
    int64_t number = 0;
    v1::PushItem item;
  };
  // At most `limit` items of a run from number `first` on.
  absl::StatusOr<std::vector<NumberedItem>> ReadItems(std::string_view run_id,
                                                      int64_t first,
                                                      size_t limit) const;
  // The items of a run for one graduate, by number.
  absl::StatusOr<std::vector<NumberedItem>> ItemsOfGraduate(
      std::string_view run_id, std::string_view graduate_key) const;

  // All that one graduate was told, by key.
  absl::StatusOr<std::vector<LedgerLine>> Ledger(
      std::string_view graduate_key) const;
  // The same for several graduates in one walk; `graduate_keys` ascending.
  // Meant for neighbours: what lies between them is read too.
  absl::StatusOr<std::vector<std::vector<LedgerLine>>> Ledgers(
      std::span<const std::string> graduate_keys) const;
  // Graduates told about each posting, over all runs, refused ones left out.
  // Key: PostingKey of the canonical posting.
  using CounterVisitor =
      std::function<void(std::string_view canonical_key, int64_t pushed)>;
  absl::Status ForEachCounter(const CounterVisitor& visit) const;
  absl::StatusOr<int64_t> Counter(std::string_view canonical_key) const;

  // --- Erasure ---
  struct Erased {
    int64_t ledger = 0;  // entries deleted
    int64_t items = 0;   // items that nobody can be known from any more
  };
  // Takes a graduate out: ledger entries are deleted; items stay without
  // graduate, push_id, scores' reasons and eligibility, and open ones become
  // SUPPRESSED, so that the figures of runs and the counters of postings stay
  // as they are. From then on AppendItems refuses lines for this graduate: a
  // run may have read the record just before. Idempotent.
  absl::StatusOr<Erased> EraseGraduate(std::string_view graduate_key);
  // Replaces the place where a run stands when that is one of these graduates:
  // by nothing at the run's end, else by the key's first half, which lies just
  // before it.
  absl::Status EraseFromCheckpoints(std::span<const std::string> graduate_keys);

  // --- Retention ---
  // Makes the deletions of `batch` (items, ledger entries) while no report of a
  // delivery is being written, which would bring one back.
  absl::Status Remove(const WriteBatch& batch);

  // --- Deliveries ---
  // Writes what became of items, one outcome each, all in one synced batch.
  // The first of SENT and REFUSED stays: a refusal gives the posting's place
  // back, and it may have gone to somebody else by the next word. BOUNCED only
  // leaves a note, since it may be tried again. `graduate_key` turns the last
  // part of PushItem.graduate into a GraduateKey. No item twice in one call.
  using GraduateKeyOf = std::function<std::string(std::string_view id)>;
  using DeliveryAlso =
      std::function<WriteBatch(std::span<const DeliveryOutcome>)>;
  absl::StatusOr<std::vector<DeliveryOutcome>> RecordDeliveries(
      std::span<const DeliveryReport> reports,
      const GraduateKeyOf& graduate_key, const DeliveryAlso& also = nullptr);

 private:
  // Adds to counters in `batch`, reading what is stored.
  absl::Status AddToCounters(const std::map<std::string, int64_t>& deltas,
                             WriteBatch& batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status CheckNotInLedger(std::span<const std::string> ledger_keys) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<DeliveryOutcome> RecordOne(
      const DeliveryReport& report, const GraduateKeyOf& graduate_key,
      std::map<std::string, int64_t>& deltas, WriteBatch& batch) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Store& store_;
  // Held over every read-change-write.
  Mutex mu_;
  // Graduates erased since this was made.
  std::set<std::string, std::less<>> erased_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_PUSH_STORE_H_
