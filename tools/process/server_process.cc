#include "tools/process/server_process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "grpcpp/client_context.h"

extern char** environ;

namespace gradmatch {
namespace {

constexpr std::chrono::milliseconds kPoll(20);

// A line of a file, from 0; empty while it is not there.
std::string ReadLine(const std::string& path, int number) {
  std::ifstream in(path);
  std::string line;
  for (int i = 0; i <= number; ++i) {
    line.clear();
    std::getline(in, line);
  }
  return line;
}

bool Serves(const std::string& endpoint, const ChannelSecurity& security) {
  const auto stub = v1::AdminService::NewStub(OpenChannel(endpoint, security));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() +
                       std::chrono::seconds(1));
  v1::ServerInfo info;
  return stub->GetServerInfo(&context, {}, &info).ok() &&
         info.state() == v1::ServerInfo::STATE_SERVING;
}

// Waits for the port file, then for the server behind it.
absl::StatusOr<std::string> WaitForServing(const ServerProcessOptions& options,
                                           const std::string& port_file,
                                           pid_t pid) {
  const absl::Time until = absl::Now() + options.start_timeout;
  const std::string host =
      options.listen.substr(0, options.listen.rfind(':') + 1);
  while (absl::Now() < until) {
    int state = 0;
    if (waitpid(pid, &state, WNOHANG) == pid) {
      return absl::AbortedError(absl::StrCat(
          "gradmatchd ended while starting; its log is ", options.log_file));
    }
    const std::string port = ReadLine(port_file, 0);
    ChannelSecurity security = options.security;
    if (!options.token_file.empty()) {
      security.token = ReadLine(options.token_file, 0);
    }
    if (!port.empty() && Serves(host + port, security)) return host + port;
    std::this_thread::sleep_for(kPoll);
  }
  return absl::DeadlineExceededError(
      absl::StrCat("gradmatchd does not serve after ",
                   absl::FormatDuration(options.start_timeout), "; its log is ",
                   options.log_file));
}

}  // namespace

absl::StatusOr<pid_t> SpawnProgram(const std::string& program,
                                   std::vector<std::string> words,
                                   const std::string& log_file) {
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  if (!log_file.empty()) {
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log_file.c_str(),
                                     O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    // A session of its own: Ctrl-C at our terminal is not meant for it.
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  }
  words.insert(words.begin(), program);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program.c_str(), &files, &attributes,
                                argv.data(), environ);
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot start ", program, ": ", std::strerror(error)));
  }
  return pid;
}

int WaitProgram(pid_t pid) {
  int state = 0;
  while (waitpid(pid, &state, 0) == -1) {
    if (errno != EINTR) return -1;
  }
  return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const ServerProcessOptions& options) {
  const absl::Time start = absl::Now();
  const std::string port_file =
      (std::filesystem::path(options.log_file).string() + ".port");
  std::error_code ignored;
  std::filesystem::remove(port_file, ignored);
  // gradmatchd takes one --set, its values separated by commas.
  std::string set = absl::StrCat("server.grpc_listen=", options.listen,
                                 ",server.http_listen=", options.http_listen,
                                 ",server.port_file=", port_file);
  for (const std::string& more : options.set) absl::StrAppend(&set, ",", more);
  std::vector<std::string> words = {"--data_dir", options.data_dir, "--set",
                                    set};
  const absl::StatusOr<pid_t> pid =
      SpawnProgram(options.program, std::move(words), options.log_file);
  if (!pid.ok()) return pid.status();
  absl::StatusOr<std::string> endpoint =
      WaitForServing(options, port_file, *pid);
  if (!endpoint.ok()) {
    if (!absl::IsAborted(endpoint.status())) {
      kill(*pid, SIGKILL);
      WaitProgram(*pid);
    }
    return endpoint.status();
  }
  return std::unique_ptr<ServerProcess>(new ServerProcess(
      *pid, *std::move(endpoint), std::atoi(ReadLine(port_file, 1).c_str()),
      absl::Now() - start));
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) Kill();
}

int64_t ServerProcess::ResidentBytes() const {
  std::ifstream in(absl::StrCat("/proc/", pid_, "/statm"));
  int64_t total = 0, resident = 0;
  in >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

absl::Duration ServerProcess::CpuTime() const {
  std::ifstream in(absl::StrCat("/proc/", pid_, "/stat"));
  std::string text;
  std::getline(in, text);
  // Fields after the name in brackets; user and system ticks are 14 and 15.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  int64_t user = 0, system = 0;
  fields >> user >> system;
  return absl::Seconds(user + system) / sysconf(_SC_CLK_TCK);
}

void ServerProcess::Kill() {
  kill(pid_, SIGKILL);
  Wait();
}

int ServerProcess::Stop() {
  kill(pid_, SIGTERM);
  return Wait();
}

int ServerProcess::Wait() {
  const int code = WaitProgram(pid_);
  pid_ = -1;
  return code;
}

}  // namespace gradmatch
