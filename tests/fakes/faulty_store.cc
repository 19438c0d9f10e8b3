#include "tests/fakes/faulty_store.h"

namespace gradmatch {

absl::Status FaultyStore::Write(const WriteBatch& batch,
                                Durability durability) {
  const int64_t number = ++writes_;
  if (fail_at_ <= 0 || number < fail_at_) return base_.Write(batch, durability);
  if (number > fail_at_) {
    return absl::FailedPreconditionError(
        "the store is read-only since a write failed (injected)");
  }
  if (failure_ == Failure::kBatchKept) {
    if (absl::Status s = base_.Write(batch, durability); !s.ok()) return s;
  }
  return absl::InternalError("write to the store: injected failure");
}

}  // namespace gradmatch
