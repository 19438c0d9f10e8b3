#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/index_service.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/operation_wait.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

using google::longrunning::Operation;
using v1::IndexService;

struct Arguments {
  int64_t sample = 0;
  int64_t seed = 0;
  std::vector<std::string> depths;
  bool no_wait = false;
};

std::string RecallText(const v1::RecallReport& report) {
  std::string text;
  for (const v1::RecallReport::AtK& at : report.recall()) {
    absl::StrAppend(&text, text.empty() ? "" : "，",
                    absl::StrFormat("@%d %.4f", at.k(), at.mean()));
  }
  return text;
}

int Status(const GlobalOptions& options) {
  v1::ListIndexesResponse response;
  const absl::Status status = Client(options).Call<IndexService>(
      &IndexService::Stub::ListIndexes, v1::ListIndexesRequest(), response);
  if (!status.ok()) return Fail(status);
  if (options.output == "json") {
    PrintJson(response, true);
    return kExitOk;
  }
  if (options.output == "jsonl") {
    for (const v1::Index& index : response.indexes()) PrintJson(index, false);
    return kExitOk;
  }
  Table table({"索引", "可检索行", "全部行", "段", "内存 MB", "代", "编码器",
               "维", "召回率"});
  table.Right({1, 2, 3, 4, 5, 7});
  for (const v1::Index& index : response.indexes()) {
    table.Add(
        {index.name(), Grouped(index.live_rows()), Grouped(index.rows()),
         Grouped(index.segments()), Grouped(index.memory_bytes() >> 20),
         Grouped(index.generation()), index.encoder(),
         absl::StrCat(index.dimension()),
         index.has_last_recall() ? RecallText(index.last_recall()) : "未测"});
  }
  std::cout << table.ToString();
  return kExitOk;
}

void PrintReport(const v1::RecallReport& report) {
  Table table({"k", "平均召回率", "最低"});
  table.Right({0, 1, 2});
  for (const v1::RecallReport::AtK& at : report.recall()) {
    table.Add({absl::StrCat(at.k()), absl::StrFormat("%.4f", at.mean()),
               absl::StrFormat("%.4f", at.min())});
  }
  std::cout << table.ToString();
  std::cout << "样本 " << Grouped(report.sample()) << " 人，种子 "
            << report.seed() << "，第 " << report.generation() << " 代";
  for (const auto& [plan, count] : report.plans()) {
    std::cout << "，" << plan << " " << Grouped(count);
  }
  std::cout << "\n";
}

int WaitFor(const Client& client, Operation operation) {
  Progress progress("测量召回率", client.options().quiet, absl::Now);
  const auto done =
      WaitForOperation(client, std::move(operation), [&](const Operation& now) {
        v1::MeasureRecallMetadata metadata;
        if (now.metadata().UnpackTo(&metadata)) {
          progress.Update(metadata.done(), metadata.total());
        }
      });
  if (!done.ok()) return Fail(done.status());
  progress.Finish();
  v1::RecallReport report;
  done->response().UnpackTo(&report);
  if (client.options().output == "table") {
    PrintReport(report);
  } else {
    PrintJson(report, client.options().output == "json");
  }
  return kExitOk;
}

int Recall(const GlobalOptions& options, const Arguments& arguments) {
  v1::MeasureRecallRequest request;
  request.set_name("indexes/postings");
  request.set_sample(static_cast<int32_t>(arguments.sample));
  request.set_seed(arguments.seed);
  request.set_request_id(NewRequestId());
  for (const std::string& word : arguments.depths) {
    int32_t k = 0;
    if (!absl::SimpleAtoi(word, &k)) {
      std::cerr << "gradmatch: --k wants a number, not " << word << "\n";
      return kExitUsage;
    }
    request.add_k(k);
  }
  const Client client(options);
  Operation operation;
  const absl::Status status = client.Call<IndexService>(
      &IndexService::Stub::MeasureRecall, request, operation);
  if (!status.ok()) return Fail(status);
  if (!arguments.no_wait) return WaitFor(client, std::move(operation));
  std::cout << operation.name() << "\n";
  return kExitOk;
}

}  // namespace

void AddIndexCommands(CommandLine& line, const GlobalOptions& options) {
  line.Describe("index", "What the search holds and how well it finds");
  auto a = std::make_shared<Arguments>();
  line.Add("index status", "Rows, segments, memory, encoder, last recall",
           [&options] { return Status(options); });
  line.Add("index recall",
           "Measures recall against the exact answer, on stored graduates",
           [&options, a] { return Recall(options, *a); })
      .Option("--sample", &a->sample, "Graduates to measure; 0 means 200")
      .Range(0, 10'000)
      .Option("--k", &a->depths,
              "Depth, 1 to 1,000; may be given again; 10 and 100 if not given")
      .Option("--seed", &a->seed, "Seed of the sample")
      .Flag("--no-wait", &a->no_wait, "Print the operation's name at once");
}

}  // namespace gradmatch
