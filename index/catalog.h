#ifndef GRADMATCH_INDEX_CATALOG_H_
#define GRADMATCH_INDEX_CATALOG_H_

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "index/catalog_loader.h"
#include "index/change.h"
#include "index/collection.h"
#include "index/store.h"

namespace gradmatch {

class Commit;

struct CatalogOptions {
  // --- Changes results ---
  // Makes all embeddings; those of another are re-made when opening.
  std::string encoder_id;
  size_t dimension = kDefaultDimension;
  // Columns by collection, addressed by CollectionId.
  std::array<ColumnSchema, kCollectionCount> schemas;

  // --- Changes speed only ---
  MergeOptions merge;
  // Most changes that one synced write takes from waiting callers; an Apply
  // that is larger goes alone.
  size_t max_group_changes = 4'096;
  int load_threads = 2;
};
absl::Status Validate(const CatalogOptions& options);

struct CatalogReport {
  uint64_t generation = 0;
  std::array<CollectionCounts, kCollectionCount> counts;
  uint64_t remade_embeddings = 0;
};

// The one writer of postings, graduates and content, over the store that is the
// truth. Durable before visible, visible before Apply returns. All methods may
// run concurrently; callers of Apply that wait together share one synced write,
// one new segment and one published snapshot. Every applied change takes the
// next generation, so generations order all changes, and a record's etag is the
// generation of its last one.
class Catalog {
 public:
  // Reads all records into snapshots. `store` and `clock` are borrowed and must
  // outlive the catalog; `loader` is used during the call only. DataLoss when a
  // record does not parse; the loader's error as it is, with the collection.
  static absl::StatusOr<std::unique_ptr<Catalog>> Open(Store& store,
                                                       const Clock& clock,
                                                       CatalogOptions options,
                                                       const Loader& loader);
  ~Catalog();

  const CatalogOptions& options() const { return options_; }
  const CatalogReport& open_report() const { return open_report_; }

  // What to read with for the whole of one request. Never waits for a writer.
  std::shared_ptr<const Snapshot> CurrentSnapshot(
      CollectionId collection = CollectionId::kPostings) const;
  CollectionCounts Counts(CollectionId collection) const;

  // Makes the changes in order, a later one seeing the earlier ones; one result
  // each. With `atomic`, one refused change (IsRefused) and nothing is written:
  // then the other results say what would have come of them. `also` is written
  // in the same batch if anything of this call is. An error means that nothing
  // of this call is visible or acknowledged: InvalidArgument and
  // FailedPrecondition (INDEX_ENCODER_MISMATCH) before anything is written, or
  // the store's own.
  absl::StatusOr<std::vector<ChangeResult>> Apply(std::vector<Change> changes,
                                                  bool atomic,
                                                  WriteBatch also = {});

  // The same, for answers that are kept with the change (the request log):
  // `also` is called once when the results are known and before they are
  // durable, and what it returns is written in the same batch, even if no
  // record changes; not called when an atomic call is refused. It runs while
  // other writers wait and must not call the catalog.
  using Also = std::function<WriteBatch(std::span<const ChangeResult>)>;
  absl::StatusOr<std::vector<ChangeResult>> Apply(std::vector<Change> changes,
                                                  bool atomic,
                                                  const Also& also);

  // Frees the memory of rows that are no longer live, such as those of erased
  // graduates, instead of waiting for a merge that takes them along. Changes no
  // answer. Takes its turn among the writers.
  absl::Status DropDeadRows(CollectionId collection);

  // One head a key, in order; so that encoding can be skipped for what Apply
  // would call unchanged or stale. May be overtaken by a writer.
  absl::StatusOr<std::vector<StoredHead>> Peek(
      CollectionId collection, std::span<const std::string> keys) const;

  // NotFound when there never was such a record; a tombstone is returned as
  // such. MultiGet: one a key, in order, nullopt where absent.
  absl::StatusOr<Record> Get(CollectionId collection,
                             std::string_view key) const;
  absl::StatusOr<std::vector<std::optional<Record>>> MultiGet(
      CollectionId collection, std::span<const std::string> keys) const;

  // At most `limit` records of `range` in key order, tombstones left out.
  absl::StatusOr<std::vector<std::pair<std::string, Record>>> List(
      CollectionId collection, const KeyRange& range, size_t limit) const;

 private:
  struct Waiter;  // one Apply in the queue
  // What becomes visible once the write has succeeded.
  struct Pending {
    std::shared_ptr<const Snapshot> snapshot;  // null: nothing changes
    int64_t records = 0;                       // more of them than before
    int64_t tombstones = 0;
  };

  Catalog(Store& store, const Clock& clock, CatalogOptions options);

  absl::Status Load(const Loader& loader);
  absl::Status Validate(std::span<const Change> changes) const;
  absl::StatusOr<std::vector<ChangeResult>> Enqueue(Waiter& waiter);
  std::vector<Waiter*> TakeGroup() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mu_);
  void Lead(std::span<Waiter* const> group);
  void LeaveFront() ABSL_EXCLUSIVE_LOCKS_REQUIRED(queue_mu_);
  absl::Status CommitGroup(std::span<Waiter* const> group);
  absl::StatusOr<Pending> Prepare(CollectionId collection,
                                  Commit& commit) const;
  void Show(CollectionId collection, Pending pending);
  void MergeAll();

  // Constant after construction.
  Store& store_;
  const Clock& clock_;
  const CatalogOptions options_;
  CatalogReport open_report_;
  // Made beforehand: there is no memory to make it when it is needed.
  const absl::Status out_of_memory_ = absl::ResourceExhaustedError(
      "memory ran out before anything was written; try again");

  // Callers of Apply in order. The one at the front leads: it alone commits,
  // for itself and those it takes along, without holding the lock.
  Mutex queue_mu_;
  std::deque<Waiter*> queue_ ABSL_GUARDED_BY(queue_mu_);

  // Written by the leader only.
  uint64_t generation_ = 0;
  std::array<std::unique_ptr<Collection>, kCollectionCount> collections_;

  mutable Mutex counts_mu_;
  std::array<CollectionCounts, kCollectionCount> counts_
      ABSL_GUARDED_BY(counts_mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CATALOG_H_
