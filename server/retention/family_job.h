#ifndef GRADMATCH_SERVER_RETENTION_FAMILY_JOB_H_
#define GRADMATCH_SERVER_RETENTION_FAMILY_JOB_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/store.h"
#include "server/retention/retention_job.h"

namespace gradmatch {

// Nullopt for bytes that are not one.
template <typename Message>
std::optional<Message> ParseAs(std::string_view bytes) {
  Message message;
  if (!message.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return std::nullopt;
  }
  return message;
}

inline bool IsBefore(int64_t micros, absl::Time limit) {
  return absl::FromUnixMicros(micros) < limit;
}

// The part of the jobs that is the same: walks a family of the store and hands
// out what is old by itself. What does not parse stays: that is for a restore,
// not for a broom.
class FamilyJob : public RetentionJob {
 public:
  FamilyJob(std::string_view name, const RetentionParts& parts, int days,
            Family family, KeyRange range = {})
      : parts_(parts),
        name_(name),
        days_(days),
        family_(family),
        range_(std::move(range)) {}

  std::string_view name() const override { return name_; }
  int days() const override { return days_; }
  absl::StatusOr<RetentionStep> Step(const std::string& from, absl::Time now,
                                     bool count_only) override;

 protected:
  // Old enough, as far as the entry itself tells.
  virtual bool IsOld(std::string_view key, std::string_view value,
                     absl::Time limit) = 0;
  // Removes those of the keys that may go, or counts them; how many.
  virtual absl::StatusOr<int64_t> Remove(const std::vector<std::string>& keys,
                                         absl::Time limit, bool count_only);

  Family family() const { return family_; }
  const RetentionParts parts_;

 private:
  const std::string_view name_;  // a literal
  const int days_;
  const Family family_;
  const KeyRange range_;
};

using RetentionJobs = std::vector<std::unique_ptr<RetentionJob>>;

// record_jobs.cc: raw rows, tombstones, quarantine.
void AddRecordJobs(const RetentionParts& parts, const RetentionDays& days,
                   RetentionJobs& jobs);
// push_jobs.cc: operations, items, hand recommendations, ledger.
void AddPushJobs(const RetentionParts& parts, const RetentionDays& days,
                 RetentionJobs& jobs);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_RETENTION_FAMILY_JOB_H_
