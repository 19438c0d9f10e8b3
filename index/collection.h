#ifndef GRADMATCH_INDEX_COLLECTION_H_
#define GRADMATCH_INDEX_COLLECTION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/base/mutex.h"
#include "index/merge_policy.h"
#include "index/segment.h"
#include "index/snapshot.h"

namespace gradmatch {

// What a search needs of a record.
struct IndexedRow {
  Embedding embedding;
  AttributeRow attributes;
  // Which encoder made the embedding; empty: the catalog's.
  std::string encoder_id;
};

// InvalidArgument when attributes or numbers do not fit the shape;
// FailedPrecondition, INDEX_ENCODER_MISMATCH, for another encoder or dimension.
absl::Status ValidateRow(const IndexShape& shape, const IndexedRow& row);

// A record's new row; nullopt when it is no longer searchable.
struct RowChange {
  std::string id;
  std::optional<IndexedRow> row;
};

// The searchable rows of one collection: a list of segments, published as
// snapshots. Readers take CurrentSnapshot from any thread and never wait for a
// writer; the other methods belong to one writer at a time.
class Collection {
 public:
  Collection(IndexShape shape, MergeOptions merge);

  const IndexShape& shape() const { return shape_; }
  std::shared_ptr<const Snapshot> CurrentSnapshot() const;

  // The current snapshot after `changes`, each id at most once: one new small
  // segment with the new rows. Not visible until Publish.
  absl::StatusOr<std::shared_ptr<const Snapshot>> Prepare(
      uint64_t generation, std::vector<RowChange> changes) const;
  // A snapshot of these segments, all rows live; no id in two of them.
  std::shared_ptr<const Snapshot> FromSegments(
      uint64_t generation,
      std::vector<std::shared_ptr<const Segment>> segments) const;
  void Publish(std::shared_ptr<const Snapshot> next);

  // Makes and publishes one merge if the policy asks for one; returns whether.
  absl::StatusOr<bool> MergeOnce();
  // Makes every segment with dead rows anew without them, so that what they
  // held leaves the memory with the last reader of an older snapshot.
  absl::Status DropDeadRows();

 private:
  // Makes one segment of those at `chosen`, ascending, and publishes it.
  absl::Status Merge(const Snapshot& current,
                     const std::vector<size_t>& chosen);

  // Constant after construction.
  const IndexShape shape_;
  const MergeOptions merge_;

  // Held only to copy or swap the pointer.
  mutable Mutex mu_;
  std::shared_ptr<const Snapshot> snapshot_ ABSL_GUARDED_BY(mu_);
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_COLLECTION_H_
