#ifndef GRADMATCH_INDEX_VAULT_SEALED_STORE_H_
#define GRADMATCH_INDEX_VAULT_SEALED_STORE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/mutex.h"
#include "index/store.h"
#include "index/vault/audit_log.h"
#include "index/vault/seal_keys.h"
#include "index/vault/sealed_flags.h"

namespace gradmatch {

// Hardship and disability of graduates, sealed, in Family::kSealed. Written by
// one method, and read by one: ReadPriorities, which the floor decision alone
// calls and which cannot read without an entry in the audit. Nothing here
// returns a value to where an answer is made.
//
// All methods may run concurrently. Without keys only Delete works; the others
// fail with FAILED_PRECONDITION, SEAL_KEY_MISSING.
class SealedStore {
 public:
  // `store` is borrowed and outlives this.
  SealedStore(Store& store, std::optional<SealKeys> keys)
      : store_(store), keys_(std::move(keys)) {}

  // Keeps the sealed values of a graduate (key) somewhere else too, after they
  // were stored and before their change is answered; null: taken back. Values
  // that cannot be kept are not set; what was taken back stays so, and is to be
  // taken back again. Before the first change.
  using Keep = std::function<absl::Status(std::string_view key,
                                          const v1::StoredSealed*)>;
  void SetKeep(Keep keep) { keep_ = std::move(keep); }

  absl::Status CheckKeys() const;

  // Sets what `flags` states and leaves the rest. `check` runs before and
  // after, with no other change of sealed values under way: whether the
  // graduate is there. Its error before stops the change; NotFound after undoes
  // it. `also` is written in the same batch: the request log. Durable when this
  // returns OK.
  absl::Status Update(std::string_view pseudonym, const SealedFlags& flags,
                      const std::function<absl::Status()>& check,
                      const WriteBatch& also);
  // OK when there is nothing.
  absl::Status Delete(std::string_view pseudonym, const WriteBatch& also);

  // Makes the values of a graduate (key) what they were when they were kept;
  // null: taken back. Is not kept again.
  absl::Status Put(std::string_view key, const v1::StoredSealed* sealed);

  enum class Priority : uint8_t { kNo, kYes, kUnreadable };
  // One a pseudonym, in order. Whoever has no sealed values is kNo and is not
  // read; every other gets an entry of its own in `audit`, made from `reading`
  // with the person as its resource, before its values are opened. All entries
  // of a call share one write. kUnreadable: damaged, or sealed for another.
  absl::StatusOr<std::vector<Priority>> ReadPriorities(
      std::span<const std::string> pseudonyms, const AuditEvent& reading,
      AuditLog& audit) const;

  // Ids of the keys that some value is sealed with, sorted. Opens no value.
  absl::StatusOr<std::vector<std::string>> KeyIds() const;

  struct ResealReport {
    int64_t records = 0;
    int64_t resealed = 0;     // now under the current key
    int64_t unreadable = 0;   // damaged; left as they are
    int64_t unknown_key = 0;  // their key is not in the file; left as they are
  };
  // Seals anew what older keys sealed: after a rotation, at the start and
  // before anything is served. One entry in `audit` that says so comes first,
  // if there is anything to do. Cut short, it is gone on with at the next
  // start.
  absl::StatusOr<ResealReport> Reseal(AuditLog& audit);

  // What the request log keeps of a request that has flags in it: a hash under
  // the current key, and of the request's id too. So neither can the flags be
  // found by trying all there are, nor can two requests be told to say the
  // same.
  absl::StatusOr<uint64_t> RequestHash(std::string_view request_id,
                                       std::string_view bytes) const;

 private:
  absl::StatusOr<SealedFlags> Merge(std::string_view pseudonym,
                                    const SealedFlags& flags) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  // The stored record; nullopt when there is none.
  absl::StatusOr<std::optional<std::string>> Read(std::string_view key) const;
  // Writes `batch`, which has the record of `key`, and keeps that; or neither.
  absl::Status WriteAndKeep(std::string_view key,
                            const v1::StoredSealed& sealed,
                            const WriteBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Takes out what `batch` wrote; the sealed record becomes `before` again.
  absl::Status Undo(const WriteBatch& batch,
                    const std::optional<std::string>& before)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  Store& store_;
  const std::optional<SealKeys> keys_;
  Keep keep_;  // may be empty
  // Held over every read-change-write.
  mutable Mutex mu_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_SEALED_STORE_H_
