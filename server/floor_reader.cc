#include "server/floor_reader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "server/audit.h"

namespace gradmatch {
namespace {

class FloorReader : public PriorityReader {
 public:
  FloorReader(const SealedStore& sealed, AuditLog& audit, Logger& log)
      : sealed_(sealed), audit_(audit), log_(log) {}

  absl::StatusOr<std::vector<uint8_t>> ArePriority(
      std::string_view run_id,
      std::span<const std::string> graduate_keys) override {
    const AuditEvent reading = {
        .principal = "server",
        .role = kRoleFloorReader,
        .method = "PushRun.ReadPriority",
        .resource = "",
        .purpose = absl::StrCat("pushRuns/", A(run_id), " 保底"),
        .result = kAuditAllowed};
    auto read = sealed_.ReadPriorities(graduate_keys, reading, audit_);
    if (!read.ok()) return read.status();
    std::vector<uint8_t> marks(read->size(), 0);
    int64_t unreadable = 0;
    for (size_t i = 0; i < read->size(); ++i) {
      marks[i] = (*read)[i] == SealedStore::Priority::kYes ? 1 : 0;
      unreadable += (*read)[i] == SealedStore::Priority::kUnreadable;
      (*read)[i] = SealedStore::Priority::kNo;
    }
    if (unreadable > 0) {
      log_.Log(LogLevel::kError, "vault", "sealed_values_damaged",
               {{LogField::kRun, std::string(run_id)},
                {LogField::kCount, unreadable}});
    }
    return marks;
  }

 private:
  const SealedStore& sealed_;
  AuditLog& audit_;
  Logger& log_;
};

}  // namespace

std::unique_ptr<PriorityReader> NewFloorReader(const SealedStore& sealed,
                                               AuditLog& audit, Logger& log) {
  return std::make_unique<FloorReader>(sealed, audit, log);
}

}  // namespace gradmatch
