// What overload does (issue 4): MatchPostings offered at 1, 2, 5 and 10 times
// what the server can do, with deadlines; the same from a client that ignores
// when to come again; how soon all is normal after it; and two tenants, of
// which one offers ten times its share. Server and load are two processes that
// share the cores, or with --apart have one each, so that the load's own cost
// is not in what is measured. The last line printed is one JSON object of the
// figures.
//
// Started with gradmatchd's own words this program is the server, with a gate
// that takes a caller's word for its tenant (tests/server/overload/
// metadata_gate.h), which gradmatchd does not have. Once tokens are there:
// start gradmatchd with two tokens' file in Server(), and let As() add
// "authorization: Bearer ..." in place of the tenant.

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "benchmarks/match_load.h"
#include "benchmarks/overload_load.h"
#include "benchmarks/real_postings.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "index/base/clock.h"
#include "server/server.h"
#include "tests/server/overload/metadata_gate.h"
#include "tools/gradmatch/command_line.h"
#include "tools/gradmatch/own_path.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/gradmatch/terminal.h"
#include "tools/process/server_process.h"
#include "tools/sample/sample_generator.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string folder = "build/overload_benchmark";
  int64_t postings = 20'000;
  int64_t graduates = 2'000;
  int64_t seconds = 10;
  int64_t deadline_ms = 250;
  int64_t channels = 16;
  int64_t rounds = 5;  // alone and beside, in turns
  int64_t memory_cap_mb = 1'024;
  bool apart = false;
  std::vector<std::string> set;
};

// The calling thread, and threads and processes it makes from now on.
void HoldToCore(size_t core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  if (sched_setaffinity(0, sizeof cores, &cores) != 0) {
    std::cerr << "cannot hold to core " << core << "\n";
  }
}

int Serve(const std::string& folder, const std::string& set) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  OptionSources sources;
  sources.flags.push_back({"storage.data_dir", folder, "--data_dir"});
  for (const absl::string_view setting : absl::StrSplit(set, ',')) {
    const std::pair<std::string, std::string> one =
        absl::StrSplit(setting, absl::MaxSplits('=', 1));
    sources.flags.push_back({one.first, one.second, "--set"});
  }
  auto options = LoadOptions(sources);
  if (!options.ok()) return Fail(options.status());
  const MetadataGate gate;
  const SystemClock clock;
  Logger log({.format = "json"});
  auto server = Server::Listen(*std::move(options), clock, log);
  if (!server.ok()) return Fail(server.status());
  (*server)->runtime().SetGate(gate);
  const absl::Status loaded = (*server)->Load();
  if (!loaded.ok()) return Fail(loaded);
  int signal = 0;
  sigwait(&ends, &signal);
  (*server)->Drain();
  return 0;
}

std::function<void(grpc::ClientContext&)> As(const std::string& tenant) {
  return [tenant](grpc::ClientContext& context) {
    context.AddMetadata(kTestTenant, tenant);
  };
}

double Median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

// The most memory that the server has had while this lives.
class MemoryWatch {
 public:
  explicit MemoryWatch(const ServerProcess& server)
      : thread_([this, &server] {
          while (!stop_) {
            most_ = std::max(most_.load(), server.ResidentBytes());
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
          }
        }) {}
  ~MemoryWatch() {
    stop_ = true;
    thread_.join();
  }
  int64_t most() const { return most_; }

 private:
  std::atomic<bool> stop_{false};
  std::atomic<int64_t> most_{0};
  std::thread thread_;
};

class OverloadBenchmark {
 public:
  explicit OverloadBenchmark(const Arguments& a) : a_(a) {}

  absl::Status Run() {
    absl::Status status = Start();
    if (status.ok()) status = Fill();
    if (!status.ok()) return status;
    MemoryWatch memory(*server_);
    MeasureCapacity();
    for (const int times : {1, 2, 5, 10}) Overload(times, false);
    Recover();
    Overload(2, true);
    Recover();
    TwoTenants();
    std::cout << absl::StrFormat("memory: at most %d MiB, cap %d\n",
                                 memory.most() >> 20, a_.memory_cap_mb);
    Figure("resident_mib", static_cast<double>(memory.most() >> 20));
    std::cout << "{" << absl::StrJoin(figures_, ",") << "}\n";
    return absl::OkStatus();
  }

 private:
  void Figure(const std::string& name, double value) {
    figures_.push_back(absl::StrFormat("\"%s\":%.6g", name, value));
  }

  absl::Status Start() {
    std::error_code error;
    std::filesystem::remove_all(a_.folder, error);
    std::filesystem::create_directories(a_.folder, error);
    if (a_.apart) HoldToCore(1);
    auto server =
        ServerProcess::Start({.program = SiblingProgram("overload_benchmark"),
                              .data_dir = a_.folder + "/data",
                              .log_file = a_.folder + "/server.log",
                              .set = a_.set});
    if (!server.ok()) return server.status();
    server_ = *std::move(server);
    if (a_.apart) HoldToCore(0);
    for (int64_t i = 0; i < a_.channels; ++i) {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
      channels_.push_back(grpc::CreateCustomChannel(
          server_->endpoint(), grpc::InsecureChannelCredentials(), arguments));
    }
    return absl::OkStatus();
  }

  absl::Status Fill() {
    GlobalOptions options;
    options.endpoint = server_->endpoint();
    Client client(options);
    v1::CreateSourceRequest source;
    source.set_source_id("synthetic");
    source.mutable_source()->set_display_name("synthetic");
    v1::Source created;
    absl::Status status = client.Call<v1::SourceService>(
        &v1::SourceService::Stub::CreateSource, source, created);
    if (!status.ok()) return status;
    const auto rows = SyntheticPostings(a_.postings);
    if (!rows.ok()) return rows.status();
    v1::SyncBegin begin;
    begin.set_source("sources/synthetic");
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    size_t at = 0;
    const auto postings =
        SyncPostings(client, begin,
                     {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
                        if (at == rows->size()) return false;
                        row = (*rows)[at++];
                        return true;
                      },
                      [](const v1::SyncRowResult&) {}});
    if (!postings.ok()) return postings.status();
    return FillGraduates(client);
  }

  absl::Status FillGraduates(Client& client) {
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
               client, begin,
               {[&](v1::SyncGraduateRow& row) -> absl::StatusOr<bool> {
                  if (at == a_.graduates) return false;
                  *row.mutable_upsert() = (*generator)->Graduate(at++);
                  row.set_row_number(at);
                  // Only those who are served.
                  if (row.upsert().lifecycle() ==
                      v1::Graduate::LIFECYCLE_ACTIVE) {
                    graduates_.push_back(row.upsert().name());
                  }
                  return true;
                },
                [](const v1::SyncRowResult&) {}})
        .status();
  }

  OverloadPlan Plan(double per_second, const std::string& tenant) const {
    OverloadPlan plan;
    plan.channels = channels_;
    plan.graduates = &graduates_;
    plan.per_second = per_second;
    plan.length = absl::Seconds(a_.seconds);
    plan.deadline = absl::Milliseconds(a_.deadline_ms);
    plan.identify = As(tenant);
    return plan;
  }

  // What it can do when there is always something to do, but never much.
  void MeasureCapacity() {
    ClosedLoop(channels_[0], graduates_, 8, absl::Seconds(2));  // warm
    LoadResult closed =
        ClosedLoop(channels_[0], graduates_, 8, absl::Seconds(a_.seconds));
    capacity_ = closed.latencies.count() / closed.seconds;
    std::cout << absl::StrFormat("capacity: %.0f/s, %s, %d errors\n", capacity_,
                                 closed.latencies.Summary(), closed.errors);
    Figure("capacity_per_second", capacity_);
    OverloadResult half = RunOverload(Plan(capacity_ / 2, "a"));
    normal_p99_ms_ = half.admitted.Percentile(0.99);
    std::cout << absl::StrFormat("half of it: %s\n", half.admitted.Summary());
  }

  void Overload(int times, bool storm) {
    OverloadPlan plan = Plan(capacity_ * times, "a");
    plan.retry_at_once = storm;
    OverloadResult r = RunOverload(plan);
    const std::string name =
        absl::StrCat(storm ? "storm_" : "overload_", times, "x");
    std::cout << absl::StrFormat(
        "%s: offered %.0f/s, in time %.0f/s (%.0f %% of capacity); refused "
        "%d, late %d, failed %d, retries %d; answered p50 %.1f ms, p99 %.1f; "
        "with the late ones p99 %.1f, deadline %d\n",
        name, r.offered / r.seconds, r.goodput(), 100 * r.goodput() / capacity_,
        r.refused, r.late, r.failed, r.retries, r.answered.Percentile(0.5),
        r.answered.Percentile(0.99), r.admitted.Percentile(0.99),
        a_.deadline_ms);
    Figure(name + "_goodput_share", r.goodput() / capacity_);
    Figure(name + "_p99_ms", r.answered.Percentile(0.99));
    Figure(name + "_late_share", static_cast<double>(r.late) / r.offered);
  }

  // From the end of the load until a second of calls in a row was answered as
  // fast as before it.
  void Recover() {
    const absl::Time begin = absl::Now();
    absl::Time good_since = begin;
    const absl::Duration usual =
        std::max(absl::Milliseconds(2 * normal_p99_ms_), absl::Milliseconds(5));
    while (absl::Now() - good_since < absl::Seconds(1) &&
           absl::Now() - begin < absl::Seconds(60)) {
      OverloadPlan one = Plan(20, "a");
      one.length = absl::Milliseconds(100);
      OverloadResult r = RunOverload(one);
      if (r.in_time < r.offered ||
          absl::Milliseconds(r.admitted.Percentile(1)) > usual) {
        good_since = absl::Now();
      }
    }
    const double seconds = absl::ToDoubleSeconds(good_since - begin);
    std::cout << absl::StrFormat("normal again after %.2f s\n", seconds);
    Figure("recovery_s", seconds);
  }

  // Each tenant's share is half of the capacity; one offers ten times that, the
  // other a fifth of it.
  void TwoTenants() {
    std::vector<double> alone, beside, in_time;
    for (int64_t round = 0; round < a_.rounds; ++round) {
      alone.push_back(
          RunOverload(Plan(capacity_ / 10, "quiet")).admitted.Percentile(0.99));
      OverloadResult loud;
      std::thread flood(
          [&] { loud = RunOverload(Plan(capacity_ * 5, "loud")); });
      OverloadResult quiet = RunOverload(Plan(capacity_ / 10, "quiet"));
      flood.join();
      beside.push_back(quiet.admitted.Percentile(0.99));
      in_time.push_back(static_cast<double>(quiet.in_time) / quiet.offered);
      std::cout << absl::StrFormat(
          "two tenants: p99 alone %.2f ms, beside one at ten times its share "
          "%.2f; %.2f %% in time, %d refused; the loud one %.0f/s in time\n",
          alone.back(), beside.back(), 100 * in_time.back(), quiet.refused,
          loud.goodput());
    }
    std::cout << absl::StrFormat("medians: %.2f and %.2f ms, %+.0f %%\n",
                                 Median(alone), Median(beside),
                                 100 * (Median(beside) / Median(alone) - 1));
    Figure("tenant_p99_alone_ms", Median(alone));
    Figure("tenant_p99_beside_ms", Median(beside));
    Figure("tenant_in_time_share", Median(in_time));
  }

  const Arguments& a_;
  std::unique_ptr<ServerProcess> server_;
  std::vector<std::shared_ptr<grpc::Channel>> channels_;
  std::vector<std::string> graduates_;
  std::vector<std::string> figures_;
  double capacity_ = 0;
  double normal_p99_ms_ = 0;
};

}  // namespace
}  // namespace gradmatch

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() == 4 && words[0] == "--data_dir" && words[2] == "--set") {
    return gradmatch::Serve(words[1], words[3]);
  }
  gradmatch::Arguments a;
  gradmatch::CommandLine line("overload_benchmark",
                              "Measures a server that is offered too much");
  line.Add("run", "All phases",
           [&a] {
             const absl::Status status = gradmatch::OverloadBenchmark(a).Run();
             return status.ok() ? 0 : gradmatch::Fail(status);
           })
      .Option("--folder", &a.folder, "Data and log; replaced")
      .Option("--postings", &a.postings, "Synthetic postings to match over")
      .Option("--graduates", &a.graduates, "Graduates to match")
      .Option("--seconds", &a.seconds, "Length of each phase")
      .Option("--deadline-ms", &a.deadline_ms, "Deadline of each call")
      .Option("--channels", &a.channels, "Connections of the load")
      .Option("--rounds", &a.rounds, "Rounds of two tenants")
      .Option("--memory-cap-mb", &a.memory_cap_mb, "Cap to report beside")
      .Flag("--apart", &a.apart, "Server and load on a core each")
      .Option("--set", &a.set, "Options of the server, KEY=VALUE");
  return line.Run(argc, argv);
}
