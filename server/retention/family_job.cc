#include "server/retention/family_job.h"

namespace gradmatch {
namespace {

// Entries a step looks at: some milliseconds of work.
constexpr size_t kPerStep = 2'000;

}  // namespace

absl::StatusOr<RetentionStep> FamilyJob::Step(const std::string& from,
                                              absl::Time now, bool count_only) {
  const absl::Time limit = now - absl::Hours(24 * days_);
  RetentionStep step;
  std::vector<std::string> keys;
  KeyRange range = range_;
  if (!from.empty()) range.begin = from;
  const auto cursor = parts_.store->Scan(family_, range);
  for (; cursor->Valid(); cursor->Next(), ++step.examined) {
    if (static_cast<size_t>(step.examined) == kPerStep) {
      step.next = std::string(cursor->key());
      break;
    }
    if (IsOld(cursor->key(), cursor->value(), limit)) {
      keys.emplace_back(cursor->key());
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  if (keys.empty()) return step;
  const auto due = Remove(keys, limit, count_only);
  if (!due.ok()) return due.status();
  step.due = *due;
  return step;
}

absl::StatusOr<int64_t> FamilyJob::Remove(const std::vector<std::string>& keys,
                                          absl::Time, bool count_only) {
  if (!count_only) {
    WriteBatch batch;
    for (const std::string& key : keys) batch.Delete(family_, key);
    absl::Status status = parts_.store->Write(batch, Durability::kBuffered);
    if (!status.ok()) return status;
  }
  return static_cast<int64_t>(keys.size());
}

}  // namespace gradmatch
