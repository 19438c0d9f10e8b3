#include <iostream>
#include <map>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/time/time.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "index/base/clock.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/listing.h"

namespace gradmatch {
namespace {

using v1::SourceService;

struct Arguments {
  std::string id;
  std::string display_name;
  std::string province;
  std::string kind;
  std::string file;
  bool sandbox = false;
  int64_t sync_hours = -1;  // not given
  int64_t limit = 1'000;
};

v1::Source::Kind KindOf(const std::string& word) {
  if (word == "region") return v1::Source::KIND_REGION;
  if (word == "school") return v1::Source::KIND_SCHOOL;
  if (word == "national") return v1::Source::KIND_NATIONAL;
  return v1::Source::KIND_JOB_SITE;
}

// Creates the source, or changes it when it is there: the fields of `mask`, or
// without one those that are set.
absl::Status Put(const Client& client, const v1::Source& source,
                 const google::protobuf::FieldMask& mask, bool allow_missing,
                 v1::Source& stored) {
  v1::UpdateSourceRequest request;
  *request.mutable_source() = source;
  *request.mutable_update_mask() = mask;
  request.set_allow_missing(allow_missing);
  request.set_request_id(NewRequestId());
  return client.Call<SourceService>(&SourceService::Stub::UpdateSource, request,
                                    stored);
}

// A source that is there keeps what the words do not name; one that is not gets
// defaults.
int Add(const GlobalOptions& options, const Arguments& arguments) {
  v1::Source source, stored;
  google::protobuf::FieldMask mask;
  source.set_name(FullName("sources", arguments.id));
  source.set_display_name(arguments.display_name);
  if (!arguments.display_name.empty()) mask.add_paths("display_name");
  source.set_province(arguments.province);
  if (!arguments.province.empty()) mask.add_paths("province");
  source.set_kind(KindOf(arguments.kind));
  if (!arguments.kind.empty()) mask.add_paths("kind");
  source.set_sandbox(arguments.sandbox);
  if (arguments.sandbox) mask.add_paths("sandbox");
  if (arguments.sync_hours >= 0) {
    source.set_expected_sync_hours(static_cast<int32_t>(arguments.sync_hours));
    mask.add_paths("expected_sync_hours");
  }
  // A mask without paths would mean all that is set.
  if (mask.paths().empty()) mask.add_paths("name");

  const Client client(options);
  absl::Status status = Put(client, source, mask, false, stored);
  if (absl::IsNotFound(status)) {
    if (source.display_name().empty()) source.set_display_name(arguments.id);
    status = Put(client, source, {}, true, stored);
  }
  if (!status.ok()) return Fail(status);
  if (!options.quiet) PrintJson(stored, options.output != "jsonl");
  return kExitOk;
}

int Import(const GlobalOptions& options, const Arguments& arguments) {
  const auto text = ReadTextFile(arguments.file);
  if (!text.ok()) return Fail(text.status());
  std::istringstream in(*text);
  const Client client(options);
  int64_t number = 0, sources = 0;
  for (std::string line; std::getline(in, line);) {
    if (++number == 1 && absl::StartsWith(line, "\xEF\xBB\xBF")) {
      line.erase(0, 3);
    }
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    v1::Source source, stored;
    absl::Status status = ParseJson(
        line, arguments.file + " line " + std::to_string(number), source);
    if (status.ok()) status = Put(client, source, {}, true, stored);
    if (!status.ok()) return Fail(status);
    ++sources;
  }
  if (options.output != "table") {
    std::cout << "{\"sources\": " << sources << "}\n";
  } else if (!options.quiet) {
    std::cout << "来源：" << Grouped(sources) << " 个\n";
  }
  return kExitOk;
}

int List(const GlobalOptions& options, const Arguments& arguments) {
  return PrintList<SourceService>(
      options, v1::ListSourcesRequest(), arguments.limit,
      &SourceService::Stub::ListSources,
      [](const v1::ListSourcesResponse& r) { return r.sources(); },
      Table({"source", "名称", "类型", "省", "沙箱"}),
      [](Table& table, const v1::Source& s) {
        table.Add({s.name(), s.display_name(),
                   v1::Source::Kind_Name(s.kind()).substr(5), s.province(),
                   s.sandbox() ? "是" : ""});
      });
}

int Show(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetSourceRequest request;
  request.set_name(FullName("sources", arguments.id));
  v1::Source source;
  const absl::Status status = Client(options).Call<SourceService>(
      &SourceService::Stub::GetSource, request, source);
  if (!status.ok()) return Fail(status);
  PrintJson(source, options.output != "jsonl");
  return kExitOk;
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%d %H:%M",
                          absl::FromUnixSeconds(time.seconds()), ChinaTime());
}

void PrintFigures(const v1::SourceFigures& figures) {
  for (const auto& [state, count] : std::map<std::string, int64_t>(
           figures.postings().begin(), figures.postings().end())) {
    std::cout << "职位 " << state.substr(6) << " " << Grouped(count) << "\n";
  }
  for (const auto& [rule, count] : std::map<std::string, int64_t>(
           figures.quarantined().begin(), figures.quarantined().end())) {
    std::cout << "隔离 " << rule << " " << Grouped(count) << "\n";
  }
  std::cout << (figures.lag_seconds() < 0
                    ? "从未提交过同步"
                    : "距上次提交 " +
                          ShortDuration(absl::Seconds(figures.lag_seconds())))
            << "\n";
  Table table(
      {"开始", "结束", "收", "增", "改", "未变", "旧", "关", "隔离", "拒", ""});
  table.Right({2, 3, 4, 5, 6, 7, 8, 9});
  for (const v1::SyncFigures& sync : figures.syncs()) {
    const v1::SyncCommitted& rows = sync.rows();
    table.Add({TimeText(sync.start_time()), TimeText(sync.end_time()),
               Grouped(rows.received()), Grouped(rows.created()),
               Grouped(rows.updated()), Grouped(rows.unchanged()),
               Grouped(rows.stale()), Grouped(rows.closed()),
               Grouped(rows.quarantined()), Grouped(rows.rejected()),
               sync.committed() ? "" : "中断"});
  }
  if (!table.empty()) std::cout << table.ToString();
}

int Figures(const GlobalOptions& options, const Arguments& arguments) {
  v1::GetSourceFiguresRequest request;
  request.set_name(FullName("sources", arguments.id) + "/figures");
  v1::SourceFigures figures;
  const absl::Status status = Client(options).Call<SourceService>(
      &SourceService::Stub::GetSourceFigures, request, figures);
  if (!status.ok()) return Fail(status);
  if (options.output == "table") {
    PrintFigures(figures);
  } else {
    PrintJson(figures, options.output == "json");
  }
  return kExitOk;
}

int Remove(const GlobalOptions& options, const Arguments& arguments) {
  v1::DeleteSourceRequest request;
  request.set_name(FullName("sources", arguments.id));
  request.set_request_id(NewRequestId());
  google::protobuf::Empty empty;
  const absl::Status status = Client(options).Call<SourceService>(
      &SourceService::Stub::DeleteSource, request, empty);
  return status.ok() ? kExitOk : Fail(status);
}

int Quarantine(const GlobalOptions& options, const Arguments& arguments) {
  v1::ListQuarantineEntriesRequest request;
  request.set_parent(FullName("sources", arguments.id));
  return PrintList<SourceService>(
      options, request, arguments.limit,
      &SourceService::Stub::ListQuarantineEntries,
      [](const v1::ListQuarantineEntriesResponse& r) {
        return r.quarantine_entries();
      },
      Table({"posting", "规则", "原文", "说明"}),
      [](Table& table, const v1::QuarantineEntry& entry) {
        for (const v1::RuleVerdict& verdict : entry.verdicts()) {
          table.Add({entry.posting(), verdict.rule(), verdict.excerpt(),
                     verdict.message()});
        }
      });
}

}  // namespace

void AddSourceCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("source", "Provinces, universities and sites that sync");
  auto a = std::make_shared<Arguments>();
  line.Add("source add", "Creates a source, or changes what is named of it",
           [&options, a] { return Add(options, *a); })
      .Positional("id", &a->id, "Id, such as hubei")
      .Option("--name", &a->display_name,
              "Name as people read it; the id for a new source")
      .Option("--kind", &a->kind, "What it is; job_site for a new source")
      .OneOf({"region", "school", "job_site", "national"})
      .Option("--province", &a->province, "Two digits of GB/T 2260")
      .Option("--expected-sync-hours", &a->sync_hours,
              "Hours between two syncs, as agreed; later is overdue. 0: none")
      .Range(0, kMostInt32)
      .Flag("--sandbox", &a->sandbox, "Its rows never reach a graduate");
  line.Add("source import",
           "Creates or changes the sources of a JSON lines file",
           [&options, a] { return Import(options, *a); })
      .Positional("file", &a->file, "File, a Source in JSON a line");
  line.Add("source list", "Lists sources",
           [&options, a] { return List(options, *a); })
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
  line.Add("source show", "Shows one source",
           [&options, a] { return Show(options, *a); })
      .Positional("id", &a->id, "Id or name");
  line.Add("source figures",
           "What a source has, and what became of its last syncs",
           [&options, a] { return Figures(options, *a); })
      .Positional("id", &a->id, "Id or name");
  line.Add("source delete", "Deletes a source that has no postings",
           [&options, a] { return Remove(options, *a); })
      .Positional("id", &a->id, "Id or name");
  line.Add("source quarantine", "Lists postings that screening holds back",
           [&options, a] { return Quarantine(options, *a); })
      .Positional("id", &a->id, "Id or name; - for all sources")
      .Option("--limit", &a->limit, "At most this many")
      .Range(1, kMostItems);
}

}  // namespace gradmatch
