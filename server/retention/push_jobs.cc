#include "absl/strings/str_cat.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/keys.h"
#include "matcher/proto_time.h"
#include "server/push_runner.h"
#include "server/retention/family_job.h"

namespace gradmatch {
namespace {

// Operations of push runs at their end; a repeated RunPushPlan makes them anew.
class Operations final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto operation = ParseAs<v1::StoredOperation>(value);
    if (!operation.has_value() ||
        !IsBefore(operation->create_time_micros(), limit)) {
      return false;
    }
    const std::string& run = operation->push_run();
    const auto stored =
        parts_.push_store->GetRun(run.substr(run.rfind('/') + 1));
    if (!stored.ok()) return false;
    return !stored->has_value() || IsAtEnd((*stored)->run().state());
  }
};

class PushItems final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto item = ParseAs<v1::PushItem>(value);
    return item.has_value() && TimeOf(item->create_time()) < limit;
  }
  absl::StatusOr<int64_t> Remove(const std::vector<std::string>& keys,
                                 absl::Time, bool count_only) override {
    WriteBatch batch;
    for (const std::string& key : keys) batch.Delete(family(), key);
    absl::Status status =
        count_only ? absl::OkStatus() : parts_.push_store->Remove(batch);
    if (!status.ok()) return status;
    return static_cast<int64_t>(keys.size());
  }
};

class HandRecommendations final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view key, std::string_view,
             absl::Time limit) override {
    // pseudonym "/" u64(~microseconds) id
    constexpr size_t kAt = kPseudonymBytes + 1;
    if (key.size() < kAt + 8) return false;
    uint64_t inverse = 0;
    for (size_t i = 0; i < 8; ++i) {
      inverse = inverse << 8 | static_cast<unsigned char>(key[kAt + i]);
    }
    return IsBefore(static_cast<int64_t>(~inverse), limit);
  }
};

// An entry stays while its posting could be pushed again, which it keeps from
// happening, and while its item is there, which an erasure finds through it.
class Ledger final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto entry = ParseAs<v1::LedgerEntry>(value);
    return entry.has_value() && IsBefore(entry->intent_time_micros(), limit);
  }

  absl::StatusOr<int64_t> Remove(const std::vector<std::string>& keys,
                                 absl::Time, bool count_only) override {
    const auto values = parts_.store->MultiGet(family(), keys);
    if (!values.ok()) return values.status();
    WriteBatch batch;
    for (size_t i = 0; i < keys.size(); ++i) {
      if (!(*values)[i].has_value()) continue;
      const auto entry = ParseAs<v1::LedgerEntry>(*(*values)[i]);
      const auto parts = ParseLedgerKey(keys[i]);
      if (!entry.has_value() || !parts.has_value()) continue;
      const auto needed = IsNeeded(*entry, parts->canonical_posting_key);
      if (!needed.ok()) return needed.status();
      if (!*needed) batch.Delete(family(), keys[i]);
    }
    absl::Status status = count_only || batch.empty()
                              ? absl::OkStatus()
                              : parts_.push_store->Remove(batch);
    if (!status.ok()) return status;
    return static_cast<int64_t>(batch.ops().size());
  }

 private:
  absl::StatusOr<bool> IsNeeded(const v1::LedgerEntry& entry,
                                std::string_view canonical) const {
    if (entry.item() >= 0 && !entry.push_run().empty()) {
      const auto item = parts_.store->Get(
          Family::kPushItem, PushItemKey(entry.push_run(), entry.item()));
      if (item.ok()) return true;
      if (!absl::IsNotFound(item.status())) return item.status();
    }
    std::vector<std::string> keys = {entry.posting(), std::string(canonical)};
    // The same vacancy may stand under another posting by now.
    const auto heir = parts_.store->Get(Family::kDuplicateGroup,
                                        FingerprintKey(entry.fingerprint()));
    if (!heir.ok() && !absl::IsNotFound(heir.status())) return heir.status();
    if (heir.ok() && entry.fingerprint() != 0) keys.push_back(*heir);
    const auto postings =
        parts_.catalog->MultiGet(CollectionId::kPostings, keys);
    if (!postings.ok()) return postings.status();
    for (const std::optional<Record>& record : *postings) {
      if (!record.has_value() || !record->head.exists) continue;
      const auto posting = ParseAs<v1::Posting>(record->payload);
      const auto state =
          posting.has_value() ? posting->state() : v1::Posting::STATE_OPEN;
      // A draft and what is held back may open yet.
      if (state != v1::Posting::STATE_CLOSED &&
          state != v1::Posting::STATE_EXPIRED) {
        return true;
      }
    }
    return false;
  }
};

}  // namespace

void AddPushJobs(const RetentionParts& parts, const RetentionDays& days,
                 RetentionJobs& jobs) {
  jobs.push_back(std::make_unique<Operations>("operations", parts, days.reports,
                                              Family::kOperation));
  jobs.push_back(std::make_unique<PushItems>(
      "push_items", parts, days.push_items, Family::kPushItem));
  jobs.push_back(std::make_unique<HandRecommendations>(
      "hand_recommendations", parts, days.ledger, Family::kHandRecommendation));
  jobs.push_back(
      std::make_unique<Ledger>("ledger", parts, days.ledger, Family::kLedger));
}

}  // namespace gradmatch
