#include "tools/gradmatch/doctor/server_checks.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace gradmatch {
namespace {

constexpr double kHour = 3'600, kDay = 24 * kHour;

// A figure that is too high, or too low, from `warn` and `fail` on.
struct FigureRule {
  const char* check;
  const char* metric;
  bool low;  // bad when it is low
  double warn;
  double fail;
  double unit;         // of what is shown
  const char* suffix;  // of what is shown
  const char* advice;
};

constexpr double kNever = 1e300;

const std::vector<FigureRule>& FigureRules() {
  static const auto& rules = *new std::vector<FigureRule>{
      {"storage writes", "gradmatch_storage_read_only", false, 1, 1, 1,
       " (1: read-only)",
       "a write failed: see to the disk (dmesg, df), then restart the server"},
      {"storage room", "gradmatch_storage_writes_blocked", false, 1, 1, 1,
       " (1: syncs and pushes are held)",
       "make room on the data disk; it goes on by itself then"},
      {"disk forecast", "gradmatch_disk_full_days", true, 14, 2, 1,
       " days until the disk is full",
       "make room or add some; `gradmatch_storage_bytes` tells what grows"},
      {"snapshot age", "gradmatch_snapshot_age_seconds", false, 26 * kHour,
       7 * kDay, kHour, " hours since the last snapshot",
       "gradmatch snapshot create, and look why the timer did not"},
      {"audit", "gradmatch_audit_failures_total", false, 1, kNever, 1,
       " entries could not be written",
       "what they were about was refused: see to the disk"},
      {"erasures", "gradmatch_erasure_oldest_seconds", false, 3 * kDay,
       15 * kDay, kHour, " hours waits the oldest erasure",
       "look for component=erasures in the log: what keeps files from being "
       "rewritten"},
      {"personalisation",
       "gradmatch_profile_reads_without_personalisation_total", false, 1, 1, 1,
       " profiles read of people who switched it off",
       "stop recommending and report it: this must not happen"},
  };
  return rules;
}

std::optional<Finding> CheckFigure(const FigureRule& rule,
                                   const v1::ServerInfo& info) {
  const auto found = info.figures().find(rule.metric);
  if (found == info.figures().end()) return std::nullopt;
  const double value = found->second;
  Finding finding{
      .name = rule.check,
      .found = absl::StrFormat("%.6g%s", value / rule.unit, rule.suffix)};
  const auto reaches = [&](double limit) {
    return rule.low ? value < limit : value >= limit;
  };
  if (reaches(rule.warn)) finding.verdict = Verdict::kWarn;
  if (reaches(rule.fail)) finding.verdict = Verdict::kFail;
  if (finding.verdict != Verdict::kOk) finding.advice = rule.advice;
  return finding;
}

Finding CheckDescriptors(const v1::ServerInfo& info) {
  Finding finding{.name = "server descriptors"};
  const auto figure = [&info](const char* name) {
    const auto found = info.figures().find(name);
    return found == info.figures().end() ? -1.0 : found->second;
  };
  const double open = figure("process_open_fds");
  const double most = figure("process_max_fds");
  if (open < 0 || most <= 0) {
    finding.found = "not known";
    return finding;
  }
  finding.found = absl::StrFormat("%.0f of %.0f", open, most);
  if (open > 0.8 * most) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "raise the limit and restart, and look who keeps connections open: "
        "without a descriptor the listener dies";
  }
  return finding;
}

Finding CheckOverdue(const v1::ServerInfo& info) {
  Finding finding{.name = "sources", .found = "none is overdue"};
  if (info.overdue_sources().empty()) return finding;
  finding.verdict = Verdict::kWarn;
  std::vector<std::string> overdue;
  for (const auto& [source, hours] : info.overdue_sources()) {
    overdue.push_back(absl::StrFormat("%s (%.1f h)", source, hours));
  }
  std::sort(overdue.begin(), overdue.end());
  finding.found = absl::StrCat("overdue: ", absl::StrJoin(overdue, ", "));
  finding.advice = "gradmatch source figures ID tells of the last syncs";
  return finding;
}

Finding CheckLate(const v1::ServerInfo& info) {
  Finding finding{.name = "push runs", .found = "none is late"};
  if (info.late_push_plans().empty()) return finding;
  finding.verdict = Verdict::kFail;
  finding.found =
      absl::StrCat("late: ", absl::StrJoin(info.late_push_plans(), ", "));
  finding.advice = "gradmatch push plan show PLAN tells why";
  return finding;
}

Finding CheckRetention(const v1::ServerInfo& info) {
  Finding finding{.name = "retention"};
  std::vector<std::string> failed;
  int64_t counted = 0, removed = 0;
  bool count_only = false;
  for (const v1::RetentionStatus& job : info.retention()) {
    if (!job.ok()) {
      failed.push_back(absl::StrCat(job.job(), ": ", job.error_message()));
    }
    counted += job.due();
    removed += job.removed_total();
    count_only |= job.count_only();
  }
  finding.found = count_only
                      ? absl::StrCat(counted, " entries would be removed")
                      : absl::StrCat(removed, " entries removed");
  if (count_only && counted > 0) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "look at `gradmatch status`, then set retention.mode to remove";
  }
  if (!failed.empty()) {
    finding.verdict = Verdict::kWarn;
    finding.found = absl::StrJoin(failed, "; ");
    finding.advice = "it is tried again; look at the log and the disk";
  }
  return finding;
}

}  // namespace

Findings CheckServer(const std::string& endpoint, const absl::Status& status,
                     const v1::ServerInfo& info,
                     const std::string& own_version) {
  if (!status.ok()) {
    return {{"server", Verdict::kWarn,
             absl::StrCat("nobody answers at ", endpoint),
             "start one: gradmatch serve --data-dir DIR"}};
  }
  Finding server{.name = "server",
                 .found = absl::StrCat(
                     endpoint, ", version ", info.version(), ", ",
                     v1::ServerInfo::State_Name(info.state()).substr(6))};
  if (info.state() != v1::ServerInfo::STATE_SERVING) {
    server.verdict = Verdict::kWarn;
    server.advice = "gradmatch status --wait 60";
    return {server};
  }
  if (info.version() != own_version) {
    server.verdict = Verdict::kWarn;
    server.advice = absl::StrCat("this program is version ", own_version,
                                 ": restart the server after an upgrade");
  }
  Findings findings = {std::move(server), CheckDescriptors(info)};
  for (const FigureRule& rule : FigureRules()) {
    auto finding = CheckFigure(rule, info);
    if (finding.has_value()) findings.push_back(*std::move(finding));
  }
  findings.push_back(CheckOverdue(info));
  findings.push_back(CheckLate(info));
  findings.push_back(CheckRetention(info));
  return findings;
}

}  // namespace gradmatch
