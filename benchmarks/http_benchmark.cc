// HTTP/JSON beside gRPC, in one run: a sync of real postings, each to a fresh
// server, and MatchPostings at saturation, in turns on one server. Clients and
// server share the cores; the HTTP client neither makes nor reads JSON while it
// is measured, gRPC's makes and reads messages. The last line is JSON.

#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "benchmarks/match_load.h"
#include "benchmarks/real_postings.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "index/base/clock.h"
#include "server/http/json_codec.h"
#include "tests/server/http/http_client.h"
#include "tools/gradmatch/command_line.h"
#include "tools/gradmatch/own_path.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/gradmatch/terminal.h"
#include "tools/process/server_process.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string folder = "build/benchmark_http";
  std::string feed = "../shared/data/postings/jobs_dev.jsonl.gz";
  std::string mapping = "tools/mappings/jobs_boards.yaml";
  int64_t postings = 20'000;
  int64_t graduates = 2'000;
  int64_t seconds = 8;
  int64_t rounds = 2;
  int64_t concurrency = 8;
};

class HttpBenchmark {
 public:
  explicit HttpBenchmark(const Arguments& a) : a_(a) {}

  absl::Status Run() {
    auto rows = ReadPostings(a_.feed, a_.mapping);
    if (!rows.ok()) return rows.status();
    rows_ = *std::move(rows);
    if (rows_.size() > static_cast<size_t>(a_.postings)) {
      rows_.resize(a_.postings);
    }
    for (const v1::SyncPostingRow& row : rows_) {
      const auto json = MessageToJson(row);
      if (!json.ok()) return json.status();
      absl::StrAppend(&lines_, *json, "\n");
    }
    absl::Status status = Sync("grpc", [this] { return SyncOverGrpc(); });
    if (status.ok()) {
      status = Sync("http", [this] { return SyncOverHttp(); });
    }
    if (status.ok()) status = SyncGraduatesOf();
    if (status.ok()) status = Match();
    if (status.ok()) std::cout << "{" << absl::StrJoin(figures_, ",") << "}\n";
    return status;
  }

 private:
  void Figure(const std::string& name, double value) {
    figures_.push_back(absl::StrFormat("\"%s\":%.6g", name, value));
  }

  absl::Status StartFresh() {
    server_.reset();
    std::error_code error;
    std::filesystem::remove_all(a_.folder, error);
    std::filesystem::create_directories(a_.folder, error);
    auto server =
        ServerProcess::Start({.program = SiblingProgram("gradmatchd"),
                              .data_dir = a_.folder + "/data",
                              .log_file = a_.folder + "/gradmatchd.log",
                              .set = {}});
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    options_.endpoint = server_->endpoint();
    client_ = std::make_unique<Client>(options_);
    v1::CreateSourceRequest request;
    request.set_source_id("real");
    request.mutable_source()->set_display_name("real");
    v1::Source source;
    return client_->Call<v1::SourceService>(
        &v1::SourceService::Stub::CreateSource, request, source);
  }

  // Rows received, by the server's count.
  absl::StatusOr<int64_t> SyncOverGrpc() {
    v1::SyncBegin begin;
    begin.set_source("sources/real");
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    size_t at = 0;
    const auto committed =
        SyncPostings(*client_, begin,
                     {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
                        if (at == rows_.size()) return false;
                        row = rows_[at++];
                        return true;
                      },
                      [](const v1::SyncRowResult&) {}});
    if (!committed.ok()) return committed.status();
    return committed->received();
  }

  absl::StatusOr<int64_t> SyncOverHttp() {
    HttpClient http(server_->http_port());
    http.Send(HttpClient::Request(
        "POST", "/v1/sources/real/postings:sync", "",
        {"Content-Type: application/x-ndjson", "Transfer-Encoding: chunked"}));
    std::thread sender([&] {
      constexpr size_t kPiece = 64 << 10;
      for (size_t at = 0; at < lines_.size(); at += kPiece) {
        http.Send(
            HttpClient::Chunk(std::string_view(lines_).substr(at, kPiece)));
      }
      http.Send(HttpClient::Chunk(""));
    });
    const int status = http.ReadHead().status;
    int64_t lines = 0;
    bool committed = false;
    for (std::string line = http.ReadLine(); !line.empty();
         line = http.ReadLine()) {
      committed = line.starts_with("{\"committed\"");
      ++lines;
    }
    sender.join();
    if (status != 200 || !committed) {
      return absl::InternalError(absl::StrCat("sync over HTTP: ", status));
    }
    return lines - 1;
  }

  absl::Status Sync(const std::string& how,
                    const std::function<absl::StatusOr<int64_t>()>& sync) {
    absl::Status status = StartFresh();
    if (!status.ok()) return status;
    const absl::Duration cpu = server_->CpuTime();
    const absl::Time start = absl::Now();
    const absl::StatusOr<int64_t> received = sync();
    if (!received.ok()) return received.status();
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    const double cpu_seconds = absl::ToDoubleSeconds(server_->CpuTime() - cpu);
    std::cout << absl::StrFormat(
        "sync over %s: %d real postings, one stream, in %.1f s: %.0f rows/s; "
        "server CPU %.1f s (%.0f rows per CPU-second)\n",
        how, *received, seconds, *received / seconds, cpu_seconds,
        *received / cpu_seconds);
    Figure(how + "_sync_rows_per_second", *received / seconds);
    Figure(how + "_sync_rows_per_cpu_second", *received / cpu_seconds);
    return absl::OkStatus();
  }

  absl::Status SyncGraduatesOf() {
    const auto generator = SampleGenerator::Create(
        {.postings = 1,
         .graduates = a_.graduates,
         .seed = 1,
         .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
    if (!generator.ok()) return generator.status();
    v1::SyncBegin begin;
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int64_t at = 0;
    return SyncGraduates(
               *client_, begin,
               {[&](v1::SyncGraduateRow& row) -> absl::StatusOr<bool> {
                  if (at == a_.graduates) return false;
                  *row.mutable_upsert() = (*generator)->Graduate(at++);
                  row.set_row_number(at);
                  if (row.upsert().lifecycle() ==
                      v1::Graduate::LIFECYCLE_ACTIVE) {
                    graduates_.push_back(row.upsert().name());
                  }
                  return true;
                },
                [](const v1::SyncRowResult&) {}})
        .status();
  }

  // Connections that are kept, each with one call under way at a time.
  LoadResult HttpLoop(absl::Duration length) {
    const auto callers = static_cast<size_t>(a_.concurrency);
    std::vector<LoadResult> results(callers);
    std::vector<std::thread> threads;
    const absl::Time start = absl::Now();
    for (size_t i = 0; i < callers; ++i) {
      threads.emplace_back([&, i] {
        HttpClient http(server_->http_port());
        LoadResult& result = results[i];
        for (size_t n = i; absl::Now() < start + length; n += callers) {
          const absl::Time begin = absl::Now();
          const auto response = http.CallJson(
              "POST",
              absl::StrCat("/v1/", graduates_[n % graduates_.size()],
                           ":matchPostings"),
              "{}");
          result.latencies.Add(absl::Now() - begin);
          result.errors += response.status != 200;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    LoadResult all;
    for (LoadResult& result : results) {
      all.latencies.Add(result.latencies);
      all.errors += result.errors;
    }
    all.seconds = absl::ToDoubleSeconds(absl::Now() - start);
    return all;
  }

  absl::Status Match() {
    const absl::Duration length = absl::Seconds(a_.seconds);
    ClosedLoop(client_->channel(), graduates_, 2, absl::Seconds(2));
    double calls[2] = {}, seconds[2] = {}, cpu[2] = {};
    for (int64_t round = 0; round < a_.rounds; ++round) {
      for (const int http : {0, 1}) {
        const absl::Duration before = server_->CpuTime();
        LoadResult result =
            http == 0 ? ClosedLoop(client_->channel(), graduates_,
                                   static_cast<int>(a_.concurrency), length)
                      : HttpLoop(length);
        const double used = absl::ToDoubleSeconds(server_->CpuTime() - before);
        const auto n = static_cast<double>(result.latencies.count());
        std::cout << absl::StrFormat(
            "MatchPostings over %s, %d calls under way: %.0f/s, %s; %d errors; "
            "%.0f per server CPU-second\n",
            http == 0 ? "gRPC" : "HTTP", a_.concurrency, n / result.seconds,
            result.latencies.Summary(), result.errors, n / used);
        if (result.errors > 0) return absl::InternalError("calls failed");
        calls[http] += n;
        seconds[http] += result.seconds;
        cpu[http] += used;
      }
    }
    const double grpc = calls[0] / seconds[0], http = calls[1] / seconds[1];
    const double grpc_cpu = calls[0] / cpu[0], http_cpu = calls[1] / cpu[1];
    std::cout << absl::StrFormat(
        "HTTP does %.0f %% of gRPC's calls a second, %.0f %% of its calls a "
        "server CPU-second\n",
        100 * http / grpc, 100 * http_cpu / grpc_cpu);
    Figure("grpc_match_per_second", grpc);
    Figure("http_match_per_second", http);
    Figure("http_to_grpc", http / grpc);
    Figure("http_to_grpc_by_server_cpu", http_cpu / grpc_cpu);
    return absl::OkStatus();
  }

  const Arguments& a_;
  GlobalOptions options_;
  std::vector<v1::SyncPostingRow> rows_;
  std::string lines_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> client_;
  std::vector<std::string> graduates_;
  std::vector<std::string> figures_;
};

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  gradmatch::Arguments a;
  gradmatch::CommandLine line("http_benchmark",
                              "Measures HTTP/JSON beside gRPC");
  line.Add("run", "All phases",
           [&a] {
             const absl::Status status = gradmatch::HttpBenchmark(a).Run();
             return status.ok() ? 0 : gradmatch::Fail(status);
           })
      .Option("--folder", &a.folder, "Data and log; replaced")
      .Option("--feed", &a.feed, "Postings to sync")
      .Option("--mapping", &a.mapping, "Their mapping")
      .Option("--postings", &a.postings, "Postings to sync at most")
      .Option("--graduates", &a.graduates, "Graduates to match")
      .Option("--seconds", &a.seconds, "Length of each match phase")
      .Option("--rounds", &a.rounds, "Match phases each")
      .Option("--concurrency", &a.concurrency, "Calls under way");
  return line.Run(argc, argv);
}
