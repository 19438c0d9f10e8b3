#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/keys.h"
#include "matcher/proto_time.h"
#include "server/retention/family_job.h"

namespace gradmatch {
namespace {

constexpr size_t kPerStep = 2'000;

// Events only: what a graduate dismissed stays dismissed.
class Feedback final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view key, std::string_view value,
             absl::Time limit) override {
    constexpr size_t kAfterSlash = kPseudonymBytes + 1;
    if (key.size() <= kAfterSlash || key[kAfterSlash] == '!') return false;
    const auto event = ParseAs<v1::StoredFeedback>(value);
    return event.has_value() && IsBefore(event->receive_time_micros(), limit);
  }
};

class RecallRuns final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view, std::string_view value,
             absl::Time limit) override {
    const auto run = ParseAs<v1::StoredRecallRun>(value);
    return run.has_value() && run->end_time_micros() != 0 &&
           IsBefore(run->end_time_micros(), limit);
  }
};

// How many graduates were shown on one day; the key ends with the day.
class DailyCounts final : public FamilyJob {
 public:
  using FamilyJob::FamilyJob;

 protected:
  bool IsOld(std::string_view key, std::string_view,
             absl::Time limit) override {
    const std::string day = ChinaDate(limit);
    return key.size() > day.size() && key.substr(key.size() - day.size()) < day;
  }
};

class Requests final : public RetentionJob {
 public:
  explicit Requests(RequestLog& requests) : requests_(requests) {}
  std::string_view name() const override { return "requests"; }
  int days() const override {
    return static_cast<int>(RequestLog::kLifetime / absl::Hours(24));
  }
  absl::StatusOr<RetentionStep> Step(const std::string& from, absl::Time,
                                     bool count_only) override {
    const auto purged = requests_.Purge(from, kPerStep, count_only);
    if (!purged.ok()) return purged.status();
    return RetentionStep{purged->examined, purged->expired, purged->next};
  }

 private:
  RequestLog& requests_;
};

class Audit final : public RetentionJob {
 public:
  Audit(const RetentionParts& parts, int days) : parts_(parts), days_(days) {}
  std::string_view name() const override { return "audit"; }
  int days() const override { return days_; }

  absl::StatusOr<RetentionStep> Step(const std::string& from, absl::Time now,
                                     bool count_only) override {
    const absl::Time limit = now - absl::Hours(24 * days_);
    RetentionStep step;
    const std::string end = AuditKey(absl::ToUnixMicros(limit), 0);
    KeyRange range{.begin = from, .end = end};
    if (range.begin >= range.end) return step;
    const auto cursor = parts_.store->Scan(Family::kAudit, range);
    for (; cursor->Valid(); cursor->Next(), ++step.due) {
      if (static_cast<size_t>(step.due) == kPerStep) {
        step.next = std::string(cursor->key());
        break;
      }
    }
    if (!cursor->status().ok()) return cursor->status();
    step.examined = step.due;
    if (count_only) return step;
    const auto cut = parts_.audit->Cut(limit, kPerStep, "server", "operator",
                                       absl::StrCat("保留期 ", days_, " 天"));
    if (!cut.ok()) return cut.status();
    step.due = *cut;
    return step;
  }

 private:
  const RetentionParts parts_;
  const int days_;
};

}  // namespace

RetentionJobs MakeRetentionJobs(const RetentionParts& parts,
                                const RetentionDays& days) {
  RetentionJobs jobs;
  jobs.push_back(std::make_unique<Requests>(*parts.requests));
  AddRecordJobs(parts, days, jobs);
  jobs.push_back(std::make_unique<Feedback>("feedback", parts, days.feedback,
                                            Family::kFeedback));
  jobs.push_back(std::make_unique<RecallRuns>("recall_runs", parts,
                                              days.reports, Family::kMeta,
                                              PrefixRange(kRecallRunPrefix)));
  jobs.push_back(std::make_unique<DailyCounts>(
      "daily_counts", parts, days.reports, Family::kMeta,
      PrefixRange(GraduatesShownKey(""))));
  AddPushJobs(parts, days, jobs);
  jobs.push_back(std::make_unique<Audit>(parts, days.audit));
  return jobs;
}

}  // namespace gradmatch
