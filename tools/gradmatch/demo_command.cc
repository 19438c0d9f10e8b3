#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tools/gradmatch/commands.h"
#include "tools/gradmatch/own_path.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

struct Arguments {
  std::string folder = "gradmatch-demo";
  std::string listen = "127.0.0.1:50051";
  int64_t postings = 2'000;
  int64_t graduates = 5'000;
  int64_t seed = 1;
  bool keep = false;
};

pid_t Spawn(const std::string& program, std::vector<std::string> words,
            const std::string& log_file) {
  std::cout.flush();
  const pid_t pid = fork();
  if (pid != 0) return pid;
  if (!log_file.empty()) {
    // A server that stays must not hold this terminal.
    setsid();
    if (std::freopen("/dev/null", "r", stdin) == nullptr ||
        std::freopen(log_file.c_str(), "w", stdout) == nullptr ||
        std::freopen(log_file.c_str(), "a", stderr) == nullptr) {
      _exit(kExitCannotWrite);
    }
  }
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  _exit(127);
}

int Wait(pid_t pid) {
  int state = 0;
  if (waitpid(pid, &state, 0) != pid) return kExitInternal;
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

// The demo: commands that are shown, then run by this same program. Stops at
// the first that fails.
class Demo {
 public:
  explicit Demo(const Arguments& arguments)
      : arguments_(arguments), folder_(arguments.folder) {}
  ~Demo() {
    if (server_ > 0 && (!arguments_.keep || !done_)) {
      kill(server_, SIGTERM);
      Wait(server_);
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

  bool Command(std::vector<std::string> words) {
    std::cout << "$ gradmatch " << absl::StrJoin(words, " ") << "\n";
    return Wait(Spawn(SiblingProgram("gradmatch"), std::move(words), "")) ==
           kExitOk;
  }

  bool Prepare() {
    std::error_code error;
    std::filesystem::remove_all(folder_ + "/data", error);
    std::filesystem::remove_all(folder_ + "/sample", error);
    std::filesystem::create_directories(folder_, error);
    setenv("GRADMATCH_ENDPOINT", arguments_.listen.c_str(), 1);
    Step("样例数据（合成）：岗位、毕业生、来源");
    return Command({"sample", "generate", folder_ + "/sample", "--postings",
                    std::to_string(arguments_.postings), "--graduates",
                    std::to_string(arguments_.graduates), "--seed",
                    std::to_string(arguments_.seed)});
  }

  bool Serve() {
    Step(absl::StrCat("启动服务：", arguments_.listen, "，数据在 ", folder_,
                      "/data"));
    const std::vector<std::string> words = {
        "--data_dir", folder_ + "/data", "--set",
        "server.grpc_listen=" + arguments_.listen};
    std::cout << "$ gradmatchd " << absl::StrJoin(words, " ") << " > "
              << folder_ << "/gradmatchd.log 2>&1 &\n";
    server_ =
        Spawn(SiblingProgram("gradmatchd"), words, folder_ + "/gradmatchd.log");
    return server_ > 0 && Command({"status", "--wait", "30"});
  }

  bool Sync() {
    Step("任务一：同步岗位（各来源一个文件，经 gRPC 逐行答复）");
    if (!Command({"source", "import", folder_ + "/sample/sources.jsonl"})) {
      return false;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_ + "/sample/postings")) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const std::filesystem::path& file : files) {
      if (!Command({"posting", "import", file.string(), "--source",
                    file.stem().string(), "--quiet"})) {
        return false;
      }
    }
    return Command(
               {"graduate", "import", folder_ + "/sample/graduates.jsonl"}) &&
           Command({"source", "quarantine", "-", "--limit", "3"}) &&
           Command({"status"});
  }

  bool Match() {
    Step("任务二：为几位毕业生推荐岗位，说明理由");
    for (const char* graduate :
         {"sample-00000000", "sample-00000001", "sample-00000003"}) {
      if (!Command({"graduate", "show", graduate, "--output", "jsonl"}) ||
          !Command({"match", graduate, "--top", "3", "--why"})) {
        return false;
      }
    }
    return Command({"match", "--text", "会计 武汉 应届", "--top", "3"});
  }

  bool Push() {
    Step("任务三：为全体毕业生做一次推送，有进度和剩余时间");
    return Command({"push", "plan", "apply", "nightly", "--slots", "5",
                    "--quiet"}) &&
           Command({"push", "run", "nightly", "--id", "demo-1", "--wait"}) &&
           Command({"push", "items", "demo-1", "--limit", "5"});
  }

  void Goodbye(absl::Duration elapsed) const {
    Step(absl::StrCat("完成，用时 ", ShortDuration(elapsed)));
    const std::string endpoint =
        arguments_.listen == GlobalOptions().endpoint
            ? ""
            : absl::StrCat("export GRADMATCH_ENDPOINT=", arguments_.listen,
                           "\n  ");
    std::cout << "接下来可以看：\n  " << endpoint
              << "gradmatch match sample-00000002 --why\n"
                 "  gradmatch push show demo-1\n"
                 "  gradmatch push export demo-1 | head\n"
                 "  gradmatch config show --origin\n"
                 "  gradmatch --help\n";
    if (arguments_.keep) {
      std::cout << "服务仍在运行（进程 " << server_ << "）；停止：kill "
                << server_ << "\n";
    } else {
      std::cout << "服务已停止；要再启动：gradmatch serve --data-dir "
                << folder_ << "/data（或 demo --keep）\n";
    }
  }

  const Arguments& arguments_;
  const std::string folder_;
  pid_t server_ = -1;
  bool done_ = false;
};

}  // namespace

void AddDemoCommand(CommandLine& line, const GlobalOptions&) {
  auto a = std::make_shared<Arguments>();
  line.Add("demo", "The three jobs on synthetic data, every command shown",
           [a] { return Demo(*a).Run(); })
      .Option("--folder", &a->folder, "Where sample and data go; replaced")
      .Option("--listen", &a->listen, "Address of the server")
      .Option("--postings", &a->postings, "Number of postings")
      .Option("--graduates", &a->graduates, "Number of graduates")
      .Option("--seed", &a->seed, "Seed of the sample")
      .Flag("--keep", &a->keep, "The server stays when the demo ends");
}

}  // namespace gradmatch
