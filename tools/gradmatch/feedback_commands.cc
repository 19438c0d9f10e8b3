#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/feedback_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/interrupt.h"
#include "tools/gradmatch/json_object.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

using v1::FeedbackService;
using Result = v1::ReportEventsResponse::Result;

constexpr int kEventsPerCall = 500;

struct Arguments {
  std::string file;
  std::string report;
};

// What became of a file's lines.
struct Summary {
  int64_t lines = 0;
  int64_t recorded = 0;
  int64_t unchanged = 0;
  int64_t rejected = 0;
  std::map<std::string, int64_t> reasons;
};

// Sends a file's events and counts the answers. A line that is no event is
// rejected here; the others go on.
class EventImport {
 public:
  // `report` gets a JSON line for every line that was rejected; may be null.
  EventImport(const Client& client, std::ostream* report)
      : client_(client), report_(report) {}

  absl::Status Run(const std::string& file, std::istream& in,
                   Progress& progress);
  const Summary& summary() const { return summary_; }

 private:
  absl::Status Send();
  void Reject(int64_t line, const std::string& reason,
              const std::string& message);

  const Client& client_;
  std::ostream* const report_;
  v1::ReportEventsRequest request_;
  std::vector<int64_t> lines_;  // of the events in request_
  Summary summary_;
};

void EventImport::Reject(int64_t line, const std::string& reason,
                         const std::string& message) {
  ++summary_.rejected;
  ++summary_.reasons[reason];
  if (report_ == nullptr) return;
  JsonObject json;
  json.Add("line", line);
  json.Add("reason", reason);
  json.Add("message", message);
  *report_ << json.ToString() << "\n";
}

absl::Status EventImport::Send() {
  if (request_.events().empty()) return absl::OkStatus();
  request_.set_request_id(NewRequestId());
  v1::ReportEventsResponse response;
  const absl::Status status = client_.Call<FeedbackService>(
      &FeedbackService::Stub::ReportEvents, request_, response);
  if (!status.ok()) return status;
  for (int i = 0; i < response.results_size(); ++i) {
    const Result& result = response.results(i);
    switch (result.status()) {
      case Result::STATUS_RECORDED:
        ++summary_.recorded;
        break;
      case Result::STATUS_UNCHANGED:
        ++summary_.unchanged;
        break;
      default:
        Reject(lines_[static_cast<size_t>(i)], result.error().reason(),
               result.error().message());
    }
  }
  request_.Clear();
  lines_.clear();
  return absl::OkStatus();
}

absl::Status EventImport::Run(const std::string& file, std::istream& in,
                              Progress& progress) {
  int64_t number = 0;
  for (std::string line; std::getline(in, line);) {
    if (InterruptGuard::Interrupted()) {
      return absl::CancelledError("interrupted");
    }
    if (++number == 1 && absl::StartsWith(line, "\xEF\xBB\xBF")) {
      line.erase(0, 3);
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    ++summary_.lines;
    v1::FeedbackEvent event;
    const absl::Status parsed =
        ParseJson(line, absl::StrCat(file, " line ", number), event);
    if (!parsed.ok()) {
      Reject(number, "ROW_UNREADABLE", std::string(parsed.message()));
      continue;
    }
    *request_.add_events() = std::move(event);
    lines_.push_back(number);
    if (request_.events_size() < kEventsPerCall) continue;
    if (absl::Status s = Send(); !s.ok()) return s;
    progress.Update(summary_.lines, 0);
  }
  return Send();
}

void Print(const GlobalOptions& options, const Summary& s) {
  if (options.output == "table") {
    if (options.quiet) return;
    std::cout << "事件 " << Grouped(s.lines) << "：写入 " << Grouped(s.recorded)
              << "，已有 " << Grouped(s.unchanged) << "，拒收 "
              << Grouped(s.rejected) << "\n";
    for (const auto& [reason, count] : s.reasons) {
      std::cout << "  " << reason << " " << Grouped(count) << "\n";
    }
    return;
  }
  JsonObject reasons;
  for (const auto& [reason, count] : s.reasons) reasons.Add(reason, count);
  JsonObject json;
  json.Add("events", s.lines);
  json.Add("recorded", s.recorded);
  json.Add("unchanged", s.unchanged);
  json.Add("rejected", s.rejected);
  json.AddJson("reasons", reasons.ToString());
  std::cout << json.ToString() << "\n";
}

int Import(const GlobalOptions& options, const Arguments& arguments) {
  std::ifstream in(arguments.file);
  if (!in) {
    return Fail(absl::InvalidArgumentError(
        absl::StrCat("cannot read ", arguments.file)));
  }
  std::ofstream report;
  if (!arguments.report.empty()) {
    report.open(arguments.report, std::ios::trunc);
    if (!report) {
      std::cerr << "gradmatch: cannot write " << arguments.report << "\n";
      return kExitCannotWrite;
    }
  }
  const InterruptGuard guard;
  const Client client(options);
  Progress progress("反馈", options.quiet, absl::Now);
  EventImport import(client, report.is_open() ? &report : nullptr);
  const absl::Status status = import.Run(arguments.file, in, progress);
  progress.Finish();
  Print(options, import.summary());
  if (report.is_open() && !report.flush()) {
    std::cerr << "gradmatch: cannot write " << arguments.report << "\n";
    return kExitCannotWrite;
  }
  if (!status.ok()) return Fail(status);
  return import.summary().rejected > 0 ? kExitData : kExitOk;
}

}  // namespace

void AddFeedbackCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("feedback", "What graduates did with recommendations");
  auto a = std::make_shared<Arguments>();
  line.Add("feedback import",
           "Reports the events of a JSON lines file; the same event again "
           "changes nothing",
           [&options, a] { return Import(options, *a); })
      .Positional("file", &a->file, "File, a FeedbackEvent in JSON a line")
      .Option("--report", &a->report,
              "Write the lines that were rejected, and why, as JSON lines");
}

}  // namespace gradmatch
