#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/own_path.h"
#include "tools/gradmatch/terminal.h"
#include "tools/process/server_process.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string folder = "gradmatch-demo";
  std::string listen;
  int64_t postings = 2'000;
  int64_t graduates = 5'000;
  int64_t seed = 1;
  bool keep = false;
};

// The first address from the usual one on that nobody listens on.
std::string FreeAddress() {
  for (int port = 50051; port < 50091; ++port) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<uint16_t>(port));
    const bool taken =
        connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    if (!taken) return absl::StrCat("127.0.0.1:", port);
  }
  return GlobalOptions().endpoint;
}

// The demo: commands that are shown, then run by this same program. Stops at
// the first that fails.
class Demo {
 public:
  explicit Demo(const Arguments& arguments)
      : arguments_(arguments),
        folder_(arguments.folder),
        listen_(arguments.listen.empty() ? FreeAddress() : arguments.listen) {}
  ~Demo() {
    if (server_ == nullptr) return;
    if (arguments_.keep && done_) {
      server_->Release();
    } else {
      server_->Stop();
    }
  }

  int Run() {
    const absl::Time start = absl::Now();
    const bool ok = Prepare() && Serve() && Sync() && Match() && Push();
    if (!ok) {
      std::cerr << "gradmatch: the demo stopped at the command above; the "
                   "server's log is "
                << folder_ << "/gradmatchd.log\n";
      return kExitInternal;
    }
    done_ = true;
    Goodbye(absl::Now() - start);
    return kExitOk;
  }

 private:
  void Step(const std::string& text) const {
    std::cout << "\n— " << text << "\n";
  }

  // Runs a line of shell after showing it: what is shown is what was run.
  bool Command(const std::string& line) {
    std::cout << "$ " << line << "\n";
    std::cout.flush();
    const absl::StatusOr<pid_t> pid = SpawnProgram("/bin/sh", {"-c", line}, "");
    if (!pid.ok()) {
      Fail(pid.status());
      return false;
    }
    return WaitProgram(*pid) == kExitOk;
  }

  bool Prepare() {
    std::error_code error;
    std::filesystem::remove_all(folder_ + "/data", error);
    std::filesystem::remove_all(folder_ + "/sample", error);
    std::filesystem::create_directories(folder_, error);
    const std::string bin =
        std::filesystem::path(SiblingProgram("gradmatch")).parent_path();
    const char* path = getenv("PATH");
    setenv("PATH", absl::StrCat(bin, ":", path == nullptr ? "" : path).c_str(),
           1);
    setenv("GRADMATCH_ENDPOINT", listen_.c_str(), 1);
    Step("以下命令均可粘贴运行");
    std::cout << "$ export PATH=" << bin
              << ":$PATH GRADMATCH_ENDPOINT=" << listen_ << "\n";
    Step("样例数据（合成）：岗位、毕业生、来源、政策活动");
    return Command(absl::StrCat("gradmatch sample generate ", folder_,
                                "/sample --postings ", arguments_.postings,
                                " --graduates ", arguments_.graduates,
                                " --seed ", arguments_.seed));
  }

  bool Serve() {
    Step(absl::StrCat("启动服务，数据在 ", folder_, "/data"));
    const std::string log = folder_ + "/gradmatchd.log";
    std::cout << "$ gradmatchd --data_dir " << folder_
              << "/data --set server.grpc_listen=" << listen_ << " >" << log
              << " 2>&1 &\n";
    auto server = ServerProcess::Start({.program = SiblingProgram("gradmatchd"),
                                        .data_dir = folder_ + "/data",
                                        .log_file = log,
                                        .listen = listen_});
    if (!server.ok()) {
      Fail(server.status());
      return false;
    }
    server_ = *std::move(server);
    return Command("gradmatch status --wait 30");
  }

  bool Sync() {
    Step("任务一：同步来源、岗位、毕业生、政策活动（经 gRPC，逐行答复）");
    return Command(absl::StrCat("gradmatch source import ", folder_,
                                "/sample/sources.jsonl")) &&
           Command(absl::StrCat(
               "for f in ", folder_,
               "/sample/postings/*.jsonl; do gradmatch posting import $f "
               "--source $(basename $f .jsonl) --quiet || exit; done")) &&
           Command(absl::StrCat("gradmatch graduate import ", folder_,
                                "/sample/graduates.jsonl")) &&
           Command(absl::StrCat("gradmatch content import ", folder_,
                                "/sample/contents.jsonl")) &&
           Command("gradmatch source quarantine - --limit 3") &&
           Command("gradmatch posting list --limit 3");
  }

  bool Match() {
    Step("任务二：为几位毕业生推荐岗位，说明理由");
    for (const char* graduate :
         {"sample-00000000", "sample-00000001", "sample-00000003"}) {
      if (!Command(absl::StrCat("gradmatch graduate show ", graduate,
                                " --output jsonl")) ||
          !Command(
              absl::StrCat("gradmatch match ", graduate, " --top 3 --why"))) {
        return false;
      }
    }
    return Command("gradmatch match --text '会计 武汉' --top 3") &&
           Command("gradmatch content match sample-00000000 --top 4 --why");
  }

  bool Push() {
    Step("任务三：为全体毕业生做一次推送，有进度和剩余时间");
    return Command("gradmatch push plan apply nightly --slots 5 --quiet") &&
           Command("gradmatch push run nightly --id demo-1 --wait") &&
           Command("gradmatch push items demo-1 --limit 5");
  }

  void Goodbye(absl::Duration elapsed) const {
    Step(absl::StrCat("完成，用时 ", ShortDuration(elapsed)));
    std::cout << "接下来可以看：\n"
                 "  gradmatch match sample-00000002 --why\n"
                 "  gradmatch push show demo-1\n"
                 "  gradmatch push export demo-1 | head\n"
                 "  gradmatch config show --origin\n"
                 "  gradmatch --help\n";
    if (arguments_.keep) {
      std::cout << "  curl http://127.0.0.1:" << server_->http_port()
                << "/v1/sources   # HTTP/JSON；全部路径：/openapi.json\n"
                << "服务仍在运行（进程 " << server_->pid() << "）；停止：kill "
                << server_->pid() << "\n";
    } else {
      std::cout << "服务已停止；要再启动：gradmatch serve --data-dir "
                << folder_ << "/data --set server.grpc_listen=" << listen_
                << "（或用 --keep 保留）\n";
    }
  }

  const Arguments& arguments_;
  const std::string folder_;
  const std::string listen_;
  std::unique_ptr<ServerProcess> server_;
  bool done_ = false;
};

}  // namespace

void AddDemoCommand(CommandLine& line, const GlobalOptions&) {
  auto a = std::make_shared<Arguments>();
  line.Add("demo", "The three jobs on synthetic data, every command shown",
           [a] { return Demo(*a).Run(); })
      .Option("--folder", &a->folder, "Where sample and data go; replaced")
      .Option(
          "--listen", &a->listen,
          "Address of the server; the first free port from 50051 by default")
      .Option("--postings", &a->postings, "Number of postings")
      .Option("--graduates", &a->graduates, "Number of graduates")
      .Option("--seed", &a->seed, "Seed of the sample")
      .Flag("--keep", &a->keep, "The server stays when the demo ends");
}

}  // namespace gradmatch
