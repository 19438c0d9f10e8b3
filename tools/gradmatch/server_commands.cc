#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "gradmatch/v1/snapshot_service.grpc.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/own_path.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

using v1::AdminService;

constexpr const char* kServices[] = {
    "gradmatch.v1.PostingService",  "gradmatch.v1.SourceService",
    "gradmatch.v1.GraduateService", "gradmatch.v1.ContentService",
    "gradmatch.v1.MatchService",    "gradmatch.v1.PushService",
    "gradmatch.v1.FeedbackService", "gradmatch.v1.SnapshotService",
    "gradmatch.v1.AdminService"};

struct Arguments {
  std::string config;
  std::string data_dir;
  std::vector<std::string> set;
  int64_t wait = 0;
  bool origin = false;
};

// Becomes gradmatchd, which lies beside this program.
int Serve(const Arguments& arguments) {
  std::vector<std::string> words = {SiblingProgram("gradmatchd")};
  if (!arguments.config.empty()) {
    words.insert(words.end(), {"--config", arguments.config});
  }
  if (!arguments.data_dir.empty()) {
    words.insert(words.end(), {"--data_dir", arguments.data_dir});
  }
  // gradmatchd takes one --set, its values separated by commas.
  if (!arguments.set.empty()) {
    words.insert(words.end(), {"--set", absl::StrJoin(arguments.set, ",")});
  }
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  std::cerr << "gradmatch: cannot start " << words[0] << ": "
            << std::strerror(errno) << "\n";
  return kExitInternal;
}

absl::Status Info(const Client& client, v1::ServerInfo& info) {
  return client.Call<AdminService>(&AdminService::Stub::GetServerInfo,
                                   v1::GetServerInfoRequest(), info);
}

// Asks until the server serves or `wait` seconds are over.
absl::Status WaitForServing(const Client& client, int64_t wait,
                            v1::ServerInfo& info) {
  const absl::Time until = absl::Now() + absl::Seconds(wait);
  for (;;) {
    const absl::Status status = Info(client, info);
    if (status.ok() && info.state() == v1::ServerInfo::STATE_SERVING) {
      return status;
    }
    if (absl::Now() >= until) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
}

std::string HealthOf(const Client& client, const std::string& service) {
  using grpc::health::v1::Health;
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  grpc::health::v1::HealthCheckResponse response;
  const absl::Status status =
      client.Call<Health>(&Health::Stub::Check, request, response);
  if (!status.ok()) return "UNKNOWN";
  return grpc::health::v1::HealthCheckResponse::ServingStatus_Name(
      response.status());
}

// What an operator has to know of, and how the removal of old data is getting
// on.
void PrintUpkeep(const v1::ServerInfo& info) {
  for (const auto& [source, hours] : info.overdue_sources()) {
    std::cout << "来源 " << source << " 已 " << absl::StrFormat("%.1f", hours)
              << " 小时没有成功同步\n";
  }
  for (const std::string& plan : info.late_push_plans()) {
    std::cout << "推送计划 " << plan << " 未在规定时间就绪\n";
  }
  Table table({"留存", "天数", "到期", "已删除", "状态"});
  for (const v1::RetentionStatus& job : info.retention()) {
    table.Add({job.job(), absl::StrCat(job.days()), Grouped(job.due()),
               Grouped(job.removed_total()),
               !job.ok()              ? job.error_message()
               : !job.has_last_time() ? "尚未完成"
               : job.count_only()     ? "只计数"
                                      : "正常"});
  }
  if (!info.retention().empty()) {
    std::cout << table.Right({1, 2, 3}).ToString();
  }
}

// When the newest data snapshot was made, and how long ago.
std::string LastSnapshot(const Client& client) {
  v1::ListDataSnapshotsRequest request;
  request.set_page_size(1);
  v1::ListDataSnapshotsResponse response;
  const absl::Status status = client.Call<v1::SnapshotService>(
      &v1::SnapshotService::Stub::ListDataSnapshots, request, response);
  if (absl::IsFailedPrecondition(status)) return "未设置";
  if (!status.ok()) return "未知";
  if (response.data_snapshots().empty()) return "没有";
  const v1::DataSnapshot& newest = response.data_snapshots(0);
  const absl::Duration age =
      absl::Now() - absl::FromUnixSeconds(newest.create_time().seconds());
  return absl::StrCat(newest.name().substr(newest.name().rfind('/') + 1), "（",
                      Grouped(absl::ToInt64Hours(age)), " 小时前）",
                      newest.damage().empty() ? "" : "，损坏");
}

void PrintInfo(const Client& client, const v1::ServerInfo& info) {
  std::cout << "gradmatchd " << info.version() << " · "
            << v1::ServerInfo::State_Name(info.state()).substr(6) << " · 第 "
            << Grouped(info.generation()) << " 代 · 打开方式 "
            << info.open_mode() << " · 载入 "
            << absl::StrFormat("%.1f s", info.load_seconds()) << "\n"
            << "编码器 " << info.encoder() << "（" << info.dimension()
            << " 维，" << info.vector_kernel() << "） · 排序 " << info.ranker()
            << " · 内存 " << Grouped(info.memory_bytes() >> 20) << " MiB\n"
            << "岗位可检索 " << Grouped(info.searchable_postings()) << "（"
            << info.segments() << " 段）";
  for (const auto& [state, count] : info.postings()) {
    std::cout << " · " << state << " " << Grouped(count);
  }
  std::cout << "\n毕业生 " << Grouped(info.graduates()) << " · 来源 "
            << Grouped(info.sources()) << " · 进行中的推送 "
            << info.active_push_runs() << " · 最近的快照 "
            << LastSnapshot(client) << "\n磁盘已用 "
            << absl::StrFormat("%.1f", info.disk_used_percent()) << "% · 剩余 "
            << Grouped(info.disk_free_bytes() >> 20) << " MiB"
            << (info.writes_blocked() ? " · 空间不足，暂停接收新数据" : "")
            << "\n";
  PrintUpkeep(info);
  Table table({"服务", "健康"});
  for (const char* service : kServices) {
    table.Add({service, HealthOf(client, service)});
  }
  std::cout << table.ToString();
}

int Status(const GlobalOptions& options, const Arguments& arguments) {
  const Client client(options);
  v1::ServerInfo info;
  const absl::Status status = WaitForServing(client, arguments.wait, info);
  if (!status.ok()) return Fail(status);
  if (options.output != "table") {
    PrintJson(info, options.output == "json");
  } else if (!options.quiet) {
    PrintInfo(client, info);
  }
  return info.state() == v1::ServerInfo::STATE_SERVING ? kExitOk
                                                       : kExitTemporary;
}

int ConfigShow(const GlobalOptions& options, const Arguments& arguments) {
  v1::EffectiveConfig config;
  const absl::Status status = Client(options).Call<AdminService>(
      &AdminService::Stub::GetEffectiveConfig, v1::GetEffectiveConfigRequest(),
      config);
  if (!status.ok()) return Fail(status);
  if (options.output == "json") {
    PrintJson(config, true);
    return kExitOk;
  }
  Table table(arguments.origin ? std::vector<std::string>{"option", "value",
                                                          "origin", "from"}
                               : std::vector<std::string>{"option", "value"});
  for (const v1::ConfigEntry& entry : config.entries()) {
    if (options.output == "jsonl") {
      PrintJson(entry, false);
    } else if (arguments.origin) {
      table.Add({entry.name(), entry.value(),
                 v1::ConfigEntry::Origin_Name(entry.origin()).substr(7),
                 entry.origin_detail()});
    } else {
      table.Add({entry.name(), entry.value()});
    }
  }
  if (options.output == "table") std::cout << table.ToString();
  return kExitOk;
}

}  // namespace

void AddServerCommands(CommandLine& line, const GlobalOptions& options) {
  auto a = std::make_shared<Arguments>();
  line.Add("serve", "Runs the server in this process",
           [a] { return Serve(*a); })
      .Option("--config", &a->config, "Configuration file, YAML")
      .Option("--data-dir", &a->data_dir, "Data folder; made if absent")
      .Option("--set", &a->set, "One option, as server.grpc_listen=HOST:PORT")
      .Offline();
  line.Add("status", "What the server is doing; 75 while it does not serve",
           [&options, a] { return Status(options, *a); })
      .Option("--wait", &a->wait, "Wait up to this many seconds for it")
      .Range(0, 86'400);
  line.Describe("config", "The server's configuration");
  line.Add("config show", "Every option with its value",
           [&options, a] { return ConfigShow(options, *a); })
      .Flag("--origin", &a->origin, "And where the value came from");
}

}  // namespace gradmatch
