#include "tools/gradmatch/import.h"

#include <deque>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "index/base/mutex.h"
#include "server/feed/feed_reader.h"
#include "server/feed/feed_report.h"
#include "server/feed/posting_mapping.h"
#include "server/feed/redate.h"
#include "tools/gradmatch/import_summary.h"
#include "tools/gradmatch/interrupt.h"
#include "tools/gradmatch/shipped_mappings.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

// Rows on their way: what the report needs of a row until its answer comes.
// The sending thread adds, the receiving one takes.
class RowsUnderWay {
 public:
  void Add(int64_t row_number, FeedRowReport report) {
    MutexLock lock(mu_);
    rows_.emplace(row_number, std::move(report));
  }
  FeedRowReport Take(int64_t row_number) {
    MutexLock lock(mu_);
    const auto it = rows_.find(row_number);
    if (it == rows_.end()) return {};
    FeedRowReport report = std::move(it->second);
    rows_.erase(it);
    return report;
  }
  // What was never answered, in the order of the rows.
  std::map<int64_t, FeedRowReport> TakeAll() {
    MutexLock lock(mu_);
    return std::exchange(rows_, {});
  }

 private:
  Mutex mu_;
  std::map<int64_t, FeedRowReport> rows_ ABSL_GUARDED_BY(mu_);
};

// One file on its way into the server. Row is the stream's row message; `map`
// turns a row of the file into it, or says why it cannot.
template <typename Row>
class FileImport {
 public:
  using Map = std::function<std::optional<v1::RowError>(const FeedRow&, Row&,
                                                        FeedRowReport&)>;

  FileImport(FeedReader& reader, Map map, FeedReport& report,
             Progress& progress)
      : reader_(reader),
        map_(std::move(map)),
        report_(report),
        progress_(progress) {}

  SyncCallbacks<Row> Callbacks() {
    return {[this](Row& row) { return Next(row); },
            [this](const v1::SyncRowResult& result) { OnResult(result); }};
  }

  // After the stream: rows that never were sent, then those without an answer.
  int64_t Finish(const absl::Status& stream) {
    for (const FeedRowReport& row : unread_) report_.Add(row);
    const auto open = under_way_.TakeAll();
    for (auto [number, row] : open) {
      row.status = v1::SyncRowResult::STATUS_REJECTED;
      row.error.set_reason("NOT_ANSWERED");
      row.error.set_message(absl::StrCat(
          "传输中断，服务端未答复此行，可重新导入：",
          absl::IsCancelled(stream) ? "已按要求停止" : stream.message()));
      report_.Add(row);
    }
    return static_cast<int64_t>(open.size());
  }

 private:
  // Sending thread. Rows that cannot be read or mapped are kept for the report.
  absl::StatusOr<bool> Next(Row& row) {
    for (;;) {
      if (InterruptGuard::Interrupted()) {
        return absl::CancelledError("interrupted");
      }
      FeedRow feed_row;
      const absl::StatusOr<bool> more = reader_.Next(feed_row);
      if (!more.ok() || !*more) return more;
      FeedRowReport report{.line = feed_row.line};
      std::optional<v1::RowError> error;
      if (!feed_row.status.ok()) {
        error.emplace();
        error->set_reason("ROW_UNREADABLE");
        error->set_message(std::string(feed_row.status.message()));
      } else {
        error = map_(feed_row, row, report);
      }
      if (!error.has_value()) {
        row.set_row_number(++row_number_);
        under_way_.Add(row_number_, std::move(report));
        return true;
      }
      report.status = v1::SyncRowResult::STATUS_REJECTED;
      report.error = *std::move(error);
      unread_.push_back(std::move(report));
      row.Clear();
    }
  }

  // Receiving thread.
  void OnResult(const v1::SyncRowResult& result) {
    FeedRowReport row = under_way_.Take(result.row_number());
    row.status = result.status();
    row.error = result.error();
    row.issues.insert(row.issues.end(), result.issues().begin(),
                      result.issues().end());
    report_.Add(row);
    progress_.Update(report_.counts().rows, 0);
  }

  FeedReader& reader_;
  const Map map_;
  FeedReport& report_;
  Progress& progress_;
  RowsUnderWay under_way_;
  int64_t row_number_ = 0;             // sending thread
  std::vector<FeedRowReport> unread_;  // sending thread until the stream ends
};

FeedOptions FeedOptionsOf(const ImportArguments& arguments) {
  FeedOptions options;
  if (arguments.format == "jsonl") options.format = FeedFormat::kJsonl;
  if (arguments.format == "csv") options.format = FeedFormat::kCsv;
  if (arguments.format == "tsv") options.format = FeedFormat::kTsv;
  return options;
}

// Exit code after the summary: of what ended the import, the report or rows.
int EndImport(const ImportArguments& arguments, const absl::Status& ended,
              bool report_written, const FeedCounts& counts) {
  int code =
      counts.of(v1::SyncRowResult::STATUS_REJECTED) > 0 ? kExitData : kExitOk;
  if (!ended.ok()) {
    code = Fail(ended);
    if (counts.rows > 0 && !arguments.dry_run) {
      std::cerr << "Rows that were answered are stored; run the same command "
                   "again for the others.\n";
    }
  }
  if (!report_written) {
    std::cerr << "gradmatch: the report " << arguments.report
              << " is not complete: it cannot be written; is the disk full?\n";
    code = kExitCannotWrite;
  }
  return code;
}

// What the two imports share: the report, each file in turn, the summary.
// `import_file` streams one file and returns the stream's status.
int ImportFiles(
    const GlobalOptions& options, const ImportArguments& arguments,
    const std::string& what,
    const std::function<absl::Status(const std::string& file, FeedReport&,
                                     Progress&)>& import_file) {
  std::ofstream csv;
  if (!arguments.report.empty()) {
    csv.open(arguments.report, std::ios::trunc);
    if (!csv) {
      std::cerr << "gradmatch: cannot write the report " << arguments.report
                << "\n";
      return kExitCannotWrite;
    }
  }
  FeedReport report(arguments.report.empty() ? nullptr : &csv);
  report.set_all_rows(arguments.all_rows);
  Progress progress(what, options.quiet, absl::Now);
  absl::Status ended;
  {
    const InterruptGuard guard;
    for (const std::string& file : arguments.files) {
      ended = import_file(file, report, progress);
      if (!ended.ok()) break;
    }
  }
  const absl::Duration elapsed = progress.elapsed();
  progress.Finish();
  csv.flush();
  if (!options.quiet) PrintImportSummary(options, arguments, report, elapsed);
  return EndImport(arguments, ended, csv.good(), report.counts());
}

v1::SyncBegin Begin(const ImportArguments& arguments) {
  v1::SyncBegin begin;
  begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
  begin.set_expected_count(arguments.expected_count);
  begin.set_request_id(NewRequestId());
  begin.set_validate_only(arguments.dry_run);
  if (!arguments.source.empty()) {
    begin.set_source(FullName("sources", arguments.source));
  }
  return begin;
}

void PrintWarnings(const v1::SyncCommitted& committed) {
  for (const v1::Issue& warning : committed.warnings()) {
    std::cerr << "gradmatch: " << warning.message() << "\n";
  }
}

absl::Status ImportPostingFile(const Client& client,
                               const ImportArguments& arguments,
                               const PostingMapping& given,
                               const std::string& file, FeedReport& report,
                               Progress& progress) {
  const auto reader = OpenFeed(file, FeedOptionsOf(arguments));
  if (!reader.ok()) return reader.status();
  // Without a mapping rows are messages, unless the header is one we know.
  const PostingMapping* guessed =
      arguments.mapping.empty() ? GuessMapping((*reader)->columns()) : nullptr;
  const PostingMapping& mapping = guessed != nullptr ? *guessed : given;
  const absl::Status columns = mapping.CheckColumns((*reader)->columns());
  if (!columns.ok()) return columns;
  std::optional<Redating> redating;
  if (arguments.received_now) {
    const auto newest =
        NewestPublishTime(file, FeedOptionsOf(arguments), mapping);
    if (!newest.ok()) return newest.status();
    redating = MakeRedating(*newest, absl::Now());
  }
  const auto map = [&](const FeedRow& from, v1::SyncPostingRow& to,
                       FeedRowReport& row) -> std::optional<v1::RowError> {
    MappedPosting mapped = mapping.Map(from);
    row.id = mapped.posting.source_posting_id();
    row.issues = std::move(mapped.issues);
    report.AddReadings(mapping.fields(), mapped.readings);
    report.AddEntries(mapped.entries);
    if (mapped.error.has_value()) return mapped.error;
    if (redating.has_value()) Redate(*redating, mapped.posting);
    to.set_raw(std::string(from.RawToSend()));
    *to.mutable_upsert() = std::move(mapped.posting);
    return std::nullopt;
  };
  FileImport<v1::SyncPostingRow> import(**reader, map, report, progress);
  const auto committed =
      SyncPostings(client, Begin(arguments), import.Callbacks());
  import.Finish(committed.status());
  if (committed.ok()) PrintWarnings(*committed);
  return committed.status();
}

absl::Status ImportGraduateFile(const Client& client,
                                const ImportArguments& arguments,
                                const std::string& file, FeedReport& report,
                                Progress& progress) {
  const auto reader = OpenFeed(file, FeedOptionsOf(arguments));
  if (!reader.ok()) return reader.status();
  const auto map = [](const FeedRow& from, v1::SyncGraduateRow& to,
                      FeedRowReport&) -> std::optional<v1::RowError> {
    MappedGraduate mapped = MapGraduate(from);
    if (mapped.error.has_value()) return mapped.error;
    *to.mutable_upsert() = std::move(mapped.graduate);
    return std::nullopt;
  };
  FileImport<v1::SyncGraduateRow> import(**reader, map, report, progress);
  const auto committed =
      SyncGraduates(client, Begin(arguments), import.Callbacks());
  import.Finish(committed.status());
  if (committed.ok()) PrintWarnings(*committed);
  return committed.status();
}

absl::Status ImportContentFile(const Client& client,
                               const ImportArguments& arguments,
                               const std::string& file, FeedReport& report,
                               Progress& progress) {
  const auto reader = OpenFeed(file, FeedOptionsOf(arguments));
  if (!reader.ok()) return reader.status();
  const auto map = [](const FeedRow& from, v1::SyncContentRow& to,
                      FeedRowReport& row) -> std::optional<v1::RowError> {
    MappedContent mapped = MapContent(from);
    row.id = mapped.content.name();
    if (mapped.error.has_value()) return mapped.error;
    *to.mutable_upsert() = std::move(mapped.content);
    return std::nullopt;
  };
  FileImport<v1::SyncContentRow> import(**reader, map, report, progress);
  const auto committed =
      SyncContents(client, Begin(arguments), import.Callbacks());
  import.Finish(committed.status());
  if (committed.ok()) PrintWarnings(*committed);
  return committed.status();
}

}  // namespace

int ImportPostings(const GlobalOptions& options,
                   const ImportArguments& arguments) {
  absl::StatusOr<PostingMapping> mapping = arguments.mapping.empty()
                                               ? PostingMapping::ProtoJson()
                                               : FindMapping(arguments.mapping);
  if (!mapping.ok()) {
    Fail(mapping.status());
    return kExitConfig;
  }
  const Client client(options);
  return ImportFiles(
      options, arguments, "岗位",
      [&](const std::string& file, FeedReport& report, Progress& progress) {
        return ImportPostingFile(client, arguments, *mapping, file, report,
                                 progress);
      });
}

int ImportGraduates(const GlobalOptions& options,
                    const ImportArguments& arguments) {
  const Client client(options);
  return ImportFiles(
      options, arguments, "毕业生",
      [&](const std::string& file, FeedReport& report, Progress& progress) {
        return ImportGraduateFile(client, arguments, file, report, progress);
      });
}

int ImportContents(const GlobalOptions& options,
                   const ImportArguments& arguments) {
  const Client client(options);
  return ImportFiles(
      options, arguments, "内容",
      [&](const std::string& file, FeedReport& report, Progress& progress) {
        return ImportContentFile(client, arguments, file, report, progress);
      });
}

}  // namespace gradmatch
