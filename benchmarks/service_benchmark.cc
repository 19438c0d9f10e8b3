// The service from outside, on real postings: sync rate with synced
// acknowledgements, memory, MatchPostings latency and saturation, restart, a
// push run. Starts a gradmatchd of its own; client and server share the cores.
// The last line printed is one JSON object of the figures.

#include <atomic>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "benchmarks/match_load.h"
#include "benchmarks/real_postings.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "gradmatch/v1/push_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "index/base/clock.h"
#include "tools/gradmatch/command_line.h"
#include "tools/gradmatch/own_path.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/gradmatch/terminal.h"
#include "tools/process/server_process.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string folder = "build/benchmark";
  std::string feed = "../shared/data/postings/jobs_dev.jsonl.gz";
  std::string mapping = "tools/mappings/jobs_boards.yaml";
  int64_t postings = 60'000;  // real ones first, then synthetic
  int64_t graduates = 5'000;
  int64_t streams = 2;
  double rate = 100;
  int64_t seconds = 20;
  int64_t concurrency = 8;
};

int64_t FolderBytes(const std::string& folder) {
  int64_t bytes = 0;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file(error)) bytes += entry.file_size(error);
  }
  return bytes;
}

class ServiceBenchmark {
 public:
  explicit ServiceBenchmark(const Arguments& a) : a_(a) {}

  absl::Status Run() {
    absl::Status status = StartFresh();
    if (status.ok()) status = SyncReal();
    if (status.ok()) status = TopUp();
    if (status.ok()) status = MatchBoth();
    if (status.ok()) status = Restart();
    if (status.ok()) status = Push();
    if (status.ok()) std::cout << "{" << absl::StrJoin(figures_, ",") << "}\n";
    return status;
  }

 private:
  void Figure(const std::string& name, double value) {
    figures_.push_back(absl::StrFormat("\"%s\":%.6g", name, value));
  }

  ServerProcessOptions ProcessOptions() const {
    return {.program = SiblingProgram("gradmatchd"),
            .data_dir = a_.folder + "/data",
            .log_file = a_.folder + "/gradmatchd.log",
            .set = {}};
  }

  absl::Status Start() {
    auto server = ServerProcess::Start(ProcessOptions());
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    options_.endpoint = server_->endpoint();
    client_ = std::make_unique<Client>(options_);
    return absl::OkStatus();
  }

  absl::Status StartFresh() {
    std::error_code error;
    std::filesystem::remove_all(a_.folder, error);
    std::filesystem::create_directories(a_.folder, error);
    return Start();
  }

  absl::Status AddSource(const std::string& id) {
    v1::CreateSourceRequest request;
    request.set_source_id(id);
    request.mutable_source()->set_display_name(id);
    v1::Source source;
    return client_->Call<v1::SourceService>(
        &v1::SourceService::Stub::CreateSource, request, source);
  }

  // Sends rows [begin, end) for one source; counts outcomes.
  absl::Status Stream(const std::string& source,
                      const std::vector<v1::SyncPostingRow>& rows, size_t begin,
                      size_t end, std::map<int, int64_t>& outcomes) {
    v1::SyncBegin first;
    first.set_source("sources/" + source);
    first.set_mode(v1::SYNC_MODE_INCREMENTAL);
    size_t at = begin;
    const auto committed =
        SyncPostings(*client_, first,
                     {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
                        if (at == end) return false;
                        row = rows[at++];
                        return true;
                      },
                      [&](const v1::SyncRowResult& result) {
                        ++outcomes[result.status()];
                      }});
    return committed.status();
  }

  // All rows over `streams` sources at once; seconds until the last commit.
  absl::StatusOr<double> Sync(const std::string& prefix,
                              const std::vector<v1::SyncPostingRow>& rows,
                              int streams, std::map<int, int64_t>& outcomes) {
    std::vector<std::thread> threads;
    std::vector<absl::Status> statuses(streams);
    std::vector<std::map<int, int64_t>> counts(streams);
    const absl::Time start = absl::Now();
    for (int i = 0; i < streams; ++i) {
      threads.emplace_back([&, i] {
        statuses[i] =
            Stream(absl::StrCat(prefix, i), rows, rows.size() * i / streams,
                   rows.size() * (i + 1) / streams, counts[i]);
      });
    }
    for (std::thread& thread : threads) thread.join();
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    for (int i = 0; i < streams; ++i) {
      if (!statuses[i].ok()) return statuses[i];
      for (const auto& [status, n] : counts[i]) outcomes[status] += n;
    }
    return seconds;
  }

  static std::string Outcomes(const std::map<int, int64_t>& outcomes) {
    std::string text;
    for (const auto& [status, n] : outcomes) {
      absl::StrAppend(&text, text.empty() ? "" : ", ",
                      v1::SyncRowResult::Status_Name(
                          static_cast<v1::SyncRowResult::Status>(status))
                          .substr(7),
                      " ", n);
    }
    return text;
  }

  absl::Status SyncReal() {
    const auto rows = ReadPostings(a_.feed, a_.mapping);
    if (!rows.ok()) return rows.status();
    const int streams = static_cast<int>(a_.streams);
    for (int i = 0; i < streams; ++i) {
      const absl::Status added = AddSource(absl::StrCat("real-", i));
      if (!added.ok()) return added;
    }
    const int64_t before = server_->ResidentBytes();
    for (const char* round : {"sync", "sync_unchanged"}) {
      std::map<int, int64_t> outcomes;
      const absl::Duration cpu = server_->CpuTime();
      const auto seconds = Sync("real-", *rows, streams, outcomes);
      if (!seconds.ok()) return seconds.status();
      const double cpu_seconds =
          absl::ToDoubleSeconds(server_->CpuTime() - cpu);
      std::cout << absl::StrFormat(
          "%s: %d real postings over %d streams in %.1f s: %.0f rows/s; server "
          "CPU %.1f s (%.0f rows per CPU-second); %s\n",
          round, rows->size(), streams, *seconds, rows->size() / *seconds,
          cpu_seconds, rows->size() / cpu_seconds, Outcomes(outcomes));
      Figure(absl::StrCat(round, "_rows_per_second"), rows->size() / *seconds);
    }
    const int64_t after = server_->ResidentBytes();
    const int64_t disk = FolderBytes(a_.folder + "/data");
    std::cout << absl::StrFormat(
        "memory: %d MiB resident after %d postings (%d MiB before): %d bytes a "
        "posting; data folder %d MiB\n",
        after >> 20, rows->size(), before >> 20,
        (after - before) / static_cast<int64_t>(rows->size()), disk >> 20);
    Figure("resident_mib", static_cast<double>(after >> 20));
    Figure("bytes_per_posting",
           static_cast<double>(after - before) / rows->size());
    real_ = static_cast<int64_t>(rows->size());
    return absl::OkStatus();
  }

  absl::Status TopUp() {
    std::map<int, int64_t> outcomes;
    if (a_.postings > real_) {
      const auto rows = SyntheticPostings(a_.postings - real_);
      if (!rows.ok()) return rows.status();
      const absl::Status added = AddSource("synthetic-0");
      if (!added.ok()) return added;
      const auto seconds = Sync("synthetic-", *rows, 1, outcomes);
      if (!seconds.ok()) return seconds.status();
      std::cout << "topped up to " << a_.postings << ": " << Outcomes(outcomes)
                << "\n";
    }
    const auto generator = SampleGenerator::Create(
        {.postings = 1,
         .graduates = a_.graduates,
         .seed = 1,
         .base_date = absl::ToCivilDay(absl::Now(), ChinaTime())});
    if (!generator.ok()) return generator.status();
    v1::SyncBegin begin;
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int64_t at = 0;
    const absl::Time start = absl::Now();
    const auto committed = SyncGraduates(
        *client_, begin,
        {[&](v1::SyncGraduateRow& row) -> absl::StatusOr<bool> {
           if (at == a_.graduates) return false;
           *row.mutable_upsert() = (*generator)->Graduate(at++);
           row.set_row_number(at);
           // Only those who are served: a placed graduate gets no answer.
           if (row.upsert().lifecycle() == v1::Graduate::LIFECYCLE_ACTIVE) {
             graduates_.push_back(row.upsert().name());
           }
           return true;
         },
         [](const v1::SyncRowResult&) {}});
    if (!committed.ok()) return committed.status();
    std::cout << absl::StrFormat(
        "graduates: %d synced, %.0f rows/s\n", committed->received(),
        committed->received() / absl::ToDoubleSeconds(absl::Now() - start));
    return absl::OkStatus();
  }

  absl::Status MatchBoth() {
    // Warm-up: connections, caches.
    ClosedLoop(client_->channel(), graduates_, 2, absl::Seconds(2));
    LoadResult open = OpenLoop(client_->channel(), graduates_, a_.rate,
                               absl::Seconds(a_.seconds));
    std::cout << absl::StrFormat(
        "MatchPostings, %d postings, open loop %.0f/s for %d s: %s; %d calls, "
        "%d errors, %.1f matches an answer\n",
        a_.postings, a_.rate, a_.seconds, open.latencies.Summary(),
        open.latencies.count(), open.errors,
        static_cast<double>(open.matches) / open.latencies.count());
    Figure("match_p50_ms", open.latencies.Percentile(0.5));
    Figure("match_p99_ms", open.latencies.Percentile(0.99));
    const absl::Duration cpu = server_->CpuTime();
    LoadResult closed =
        ClosedLoop(client_->channel(), graduates_,
                   static_cast<int>(a_.concurrency), absl::Seconds(a_.seconds));
    const double qps = closed.latencies.count() / closed.seconds;
    std::cout << absl::StrFormat(
        "MatchPostings, saturation with %d calls under way: %.0f/s, %s; %d "
        "errors; %.0f per server CPU-second\n",
        a_.concurrency, qps, closed.latencies.Summary(), closed.errors,
        closed.latencies.count() /
            absl::ToDoubleSeconds(server_->CpuTime() - cpu));
    Figure("match_saturation_per_second", qps);
    Figure("match_errors", static_cast<double>(open.errors + closed.errors));
    return absl::OkStatus();
  }

  absl::Status Restart() {
    server_->Kill();
    absl::Status status = Start();
    if (!status.ok()) return status;
    const double after_kill = absl::ToDoubleSeconds(server_->time_to_serving());
    const int code = server_->Stop();
    if (code != 0) {
      return absl::InternalError(absl::StrCat("SIGTERM ended with ", code));
    }
    status = Start();
    if (!status.ok()) return status;
    const double after_term = absl::ToDoubleSeconds(server_->time_to_serving());
    std::cout << absl::StrFormat(
        "restart with %d postings: serving %.2f s after kill -9, %.2f s after "
        "SIGTERM\n",
        a_.postings, after_kill, after_term);
    Figure("restart_after_kill_s", after_kill);
    Figure("restart_after_term_s", after_term);
    return absl::OkStatus();
  }

  absl::Status Push() {
    using google::longrunning::Operations;
    v1::CreatePushPlanRequest plan;
    plan.set_push_plan_id("benchmark");
    v1::PushPlan stored;
    absl::Status status = client_->Call<v1::PushService>(
        &v1::PushService::Stub::CreatePushPlan, plan, stored);
    if (!status.ok()) return status;
    v1::RunPushPlanRequest request;
    request.set_name(stored.name());
    request.set_push_run_id("benchmark-1");
    google::longrunning::Operation operation;
    const absl::Time start = absl::Now();
    status = client_->Call<v1::PushService>(&v1::PushService::Stub::RunPushPlan,
                                            request, operation);
    while (status.ok() && !operation.done()) {
      google::longrunning::WaitOperationRequest wait;
      wait.set_name(operation.name());
      wait.mutable_timeout()->set_seconds(10);
      status = client_->Call<Operations>(&Operations::Stub::WaitOperation, wait,
                                         operation);
    }
    if (!status.ok()) return status;
    v1::PushRun run;
    operation.response().UnpackTo(&run);
    const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
    std::cout << absl::StrFormat(
        "push run: %d graduates in %.1f s (%.0f/s), %d items, coverage %.1f "
        "%%, "
        "Gini %.2f\n",
        run.counts().graduates_selected(), seconds,
        run.counts().graduates_selected() / seconds, run.counts().items(),
        100.0 * run.counts().graduates_covered() /
            run.counts().graduates_selected(),
        run.counts().exposure_gini());
    Figure("push_graduates_per_second",
           run.counts().graduates_selected() / seconds);
    return absl::OkStatus();
  }

  const Arguments& a_;
  GlobalOptions options_;
  std::unique_ptr<ServerProcess> server_;
  std::unique_ptr<Client> client_;
  std::vector<std::string> graduates_;
  std::vector<std::string> figures_;
  int64_t real_ = 0;
};

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  gradmatch::Arguments a;
  gradmatch::CommandLine line("service_benchmark",
                              "Measures gradmatchd from outside");
  line.Add("run", "All phases",
           [&a] {
             const absl::Status status = gradmatch::ServiceBenchmark(a).Run();
             return status.ok() ? 0 : gradmatch::Fail(status);
           })
      .Option("--folder", &a.folder, "Data and log; replaced")
      .Option("--feed", &a.feed, "Postings to sync")
      .Option("--mapping", &a.mapping, "Their mapping")
      .Option("--postings", &a.postings, "Postings to match over")
      .Option("--graduates", &a.graduates, "Graduates to match")
      .Option("--streams", &a.streams, "Sync streams at once")
      .Option("--rate", &a.rate, "Requests a second, open loop")
      .Option("--seconds", &a.seconds, "Length of each match phase")
      .Option("--concurrency", &a.concurrency, "Calls under way, saturation");
  return line.Run(argc, argv);
}
