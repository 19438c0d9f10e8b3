#ifndef GRADMATCH_INDEX_ERASURE_STORE_H_
#define GRADMATCH_INDEX_ERASURE_STORE_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/pseudonym.h"
#include "index/push_store.h"
#include "index/store.h"

namespace gradmatch {

// An erasure that is not at its end, and whom it is about.
struct PendingErasure {
  std::string id;  // last part of the receipt's name
  v1::StoredErasure stored;
  std::string graduate_id;
  std::string graduate_key;  // GraduateKey
};

// Erasures as the store keeps them, and the steps that carry one out. Each step
// may be done again after it was cut short:
//
//   1. The record goes and the erasure comes, in one batch (the caller's).
//   2. DeleteRecords: everything else under the graduate's key or name.
//   3. PurgeFiles: no file holds any of it; looks through all of them.
//   4. Conclude: the receipt is PURGED and no longer leads to anybody.
//
// Until 4 the erasure knows the graduate's id, masked. Steps are called by one
// thread at a time; the others may run concurrently.
class ErasureStore {
 public:
  // All are borrowed and outlive this.
  ErasureStore(Store& store, PushStore& push_store,
               const Pseudonymizer& pseudonyms)
      : store_(store), push_store_(push_store), pseudonyms_(pseudonyms) {}

  // --- Records ---
  PendingErasure Make(std::string_view erasure_id, std::string_view graduate_id,
                      std::string_view purpose, bool purge_now,
                      absl::Time now) const;
  static void AddTo(WriteBatch& batch, const PendingErasure& erasure);
  // Nullopt when there is none.
  absl::StatusOr<std::optional<v1::StoredErasure>> Get(
      std::string_view erasure_id) const;
  // Those with something left to do, by id.
  absl::StatusOr<std::vector<PendingErasure>> Unfinished() const;
  // Whether anything is stored under the graduate's key: a record, a tombstone,
  // or what it was told.
  absl::StatusOr<bool> IsKnown(std::string_view graduate_key) const;

  // --- Steps ---
  // Counts into the receipts, sets them to DELETED and writes them.
  absl::Status DeleteRecords(std::span<PendingErasure> erasures);
  // Purges and looks through all files; `found` names the places of erasures in
  // `erasures` of which something is left.
  absl::StatusOr<FileSearch> PurgeFiles(
      std::span<const PendingErasure> erasures);
  // For erasures of which nothing is left; the masked id goes from the files
  // too.
  absl::Status Conclude(std::span<PendingErasure> erasures, int64_t files,
                        absl::Time now);
  // Writes why an attempt to purge failed.
  absl::Status Fail(PendingErasure& erasure, std::string_view why);

 private:
  absl::Status DeleteOne(PendingErasure& erasure);
  absl::Status DeleteAnswers(std::span<PendingErasure> erasures);
  absl::StatusOr<int64_t> DeletePrefix(Family family,
                                       const std::string& prefix);
  absl::Status Put(std::span<const PendingErasure> erasures);

  Store& store_;
  PushStore& push_store_;
  const Pseudonymizer& pseudonyms_;
};

// Erasures that are not at their end, counted without telling whose they are.
struct ErasuresLeft {
  int64_t count = 0;
  absl::Time oldest = absl::InfiniteFuture();  // when it was asked for
};
absl::StatusOr<ErasuresLeft> CountErasuresLeft(const Store& store);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_ERASURE_STORE_H_
