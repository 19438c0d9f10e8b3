#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/change.h"
#include "matcher/proto_time.h"
#include "server/retention/family_job.h"

namespace gradmatch {
namespace {

// What lies beside a posting and is written with it: removed in the state that
// was looked at, or not at all.
class BesidePostingJob : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  // Whether the entry may go, given its posting; nullopt: there is none.
  virtual bool MayGo(const std::optional<Record>& posting,
                     absl::Time limit) = 0;

  absl::StatusOr<int64_t> Remove(const std::vector<std::string>& keys,
                                 absl::Time limit, bool count_only) override {
    // First the postings, then the entries again: an entry that was written in
    // between is new, one that is written after changes its posting's etag.
    const auto postings =
        parts_.catalog->MultiGet(CollectionId::kPostings, keys);
    if (!postings.ok()) return postings.status();
    const auto values = parts_.store->MultiGet(family(), keys);
    if (!values.ok()) return values.status();
    std::vector<Change> changes;
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto& value = (*values)[i];
      if (!value.has_value() || !IsOld(keys[i], *value, limit)) continue;
      if (!MayGo((*postings)[i], limit)) continue;
      changes.push_back(RemovalOf(keys[i], (*postings)[i]));
    }
    if (count_only || changes.empty()) {
      return static_cast<int64_t>(changes.size());
    }
    const auto results = parts_.catalog->Apply(std::move(changes), false);
    if (!results.ok()) return results.status();
    int64_t removed = 0;
    for (const ChangeResult& result : *results) {
      removed += !IsRefused(result.outcome);
    }
    return removed;
  }

 private:
  Change RemovalOf(const std::string& key,
                   const std::optional<Record>& posting) const {
    Change change;
    change.collection = CollectionId::kPostings;
    change.key = key;
    change.also_only = true;
    change.also.Delete(family(), key);
    if (posting.has_value() && posting->head.exists) {
      change.precondition.etag = posting->head.etag;
    } else {
      change.precondition.must_not_exist = true;
    }
    return change;
  }
};

class RawRows final : public BesidePostingJob {
 public:
  using BesidePostingJob::BesidePostingJob;

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto row = ParseAs<v1::StoredRawRow>(value);
    return row.has_value() && IsBefore(row->receive_time_micros(), limit);
  }
  bool MayGo(const std::optional<Record>&, absl::Time) override { return true; }
};

class Quarantine final : public BesidePostingJob {
 public:
  using BesidePostingJob::BesidePostingJob;

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto entry = ParseAs<v1::QuarantineEntry>(value);
    return entry.has_value() && TimeOf(entry->create_time()) < limit;
  }
  // As long as a posting is held back, its reasons are there to be read; unless
  // it has expired as long ago.
  bool MayGo(const std::optional<Record>& record, absl::Time limit) override {
    if (!record.has_value() || !record->head.exists) return true;
    const auto posting = ParseAs<v1::Posting>(record->payload);
    if (!posting.has_value()) return false;
    return posting->state() != v1::Posting::STATE_QUARANTINED ||
           (posting->has_expire_time() &&
            TimeOf(posting->expire_time()) < limit);
  }
};

class Tombstones final : public FamilyJob {
 public:
  Tombstones(std::string_view name, const RetentionParts& parts, int days,
             CollectionId collection)
      : FamilyJob(name, parts, days, RecordFamily(collection)),
        collection_(collection) {}

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto record = ParseRecord(value);
    return record.ok() && record->head.tombstone &&
           record->head.update_time < limit;
  }
  absl::StatusOr<int64_t> Remove(const std::vector<std::string>& keys,
                                 absl::Time limit, bool count_only) override {
    if (count_only) return static_cast<int64_t>(keys.size());
    std::vector<Change> changes(keys.size());
    for (size_t i = 0; i < keys.size(); ++i) {
      changes[i].collection = collection_;
      changes[i].key = keys[i];
      changes[i].forget_before = limit;
    }
    const auto results = parts_.catalog->Apply(std::move(changes), false);
    if (!results.ok()) return results.status();
    int64_t removed = 0;
    for (const ChangeResult& result : *results) {
      removed += result.outcome == Outcome::kDeleted;
    }
    return removed;
  }

 private:
  const CollectionId collection_;
};

}  // namespace

void AddRecordJobs(const RetentionParts& parts, const RetentionDays& days,
                   RetentionJobs& jobs) {
  jobs.push_back(std::make_unique<RawRows>("raw_rows", parts, days.raw_rows,
                                           Family::kRawRow));
  jobs.push_back(std::make_unique<Tombstones>(
      "posting_tombstones", parts, days.tombstones, CollectionId::kPostings));
  jobs.push_back(std::make_unique<Tombstones>(
      "graduate_tombstones", parts, days.tombstones, CollectionId::kGraduates));
  jobs.push_back(std::make_unique<Tombstones>(
      "content_tombstones", parts, days.tombstones, CollectionId::kContents));
  jobs.push_back(std::make_unique<Quarantine>(
      "quarantine", parts, days.quarantine, Family::kQuarantine));
}

}  // namespace gradmatch
