#include "tests/durability/daemon.h"

#include <signal.h>
#include <sys/wait.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "index/vault/seal_keys.h"
#include "server/rpc_status.h"
#include "tools/process/server_process.h"

namespace gradmatch {
namespace {

constexpr absl::Duration kPoll = absl::Milliseconds(2);
constexpr absl::Duration kLongestStart = absl::Seconds(120);

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "daemon: %s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

Daemon::Daemon(SimulatedDisk& disk, const std::vector<std::string>& settings) {
  const std::string port_file = disk.Beside("port");
  const std::string keys = disk.Beside("seal-keys");
  std::filesystem::remove(port_file);
  if (!std::filesystem::exists(keys)) Require(NewSealKeyFile(keys));
  std::vector<std::string> set = {
      "server.grpc_listen=127.0.0.1:0",
      "server.http_listen=", absl::StrCat("server.port_file=", port_file),
      "server.drain_notice=0s",
      // The least there is, so that tables are written and merged often.
      "storage.write_buffer_mb=8", "storage.block_cache_mb=4",
      // So that what is left of the erased can be looked for in the files.
      "storage.plain_tables=true",
      absl::StrCat("privacy.seal_key_file=", keys)};
  set.insert(set.end(), settings.begin(), settings.end());
  std::vector<std::string> words = disk.Environment();
  words.insert(words.end(), {GRADMATCHD, "--data_dir", DataFolder(disk),
                             "--set", absl::StrJoin(set, ",")});
  const auto pid =
      SpawnProgram("/usr/bin/env", std::move(words), disk.Beside("log"));
  Require(pid.status());
  pid_ = *pid;
  AwaitServing(port_file);
}

Daemon::~Daemon() {
  Kill();
  Wait();
}

void Daemon::AwaitServing(const std::string& port_file) {
  const absl::Time until = absl::Now() + kLongestStart;
  while (!dead()) {
    if (absl::Now() > until) {
      Require(absl::DeadlineExceededError("it does not serve"));
    }
    std::ifstream in(port_file);
    std::string port;
    if (channel_ == nullptr && std::getline(in, port)) Connect(port);
    if (channel_ != nullptr && Serves()) {
      serving_ = true;
      return;
    }
    absl::SleepFor(kPoll);
  }
}

void Daemon::Connect(const std::string& port) {
  // A pool of its own: a later server may get the same port.
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  channel_ =
      grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port),
                                grpc::InsecureChannelCredentials(), arguments);
}

bool Daemon::Serves() const {
  v1::ServerInfo info;
  return Call<v1::AdminService>(&v1::AdminService::Stub::GetServerInfo,
                                v1::GetServerInfoRequest(), info)
             .ok() &&
         info.state() == v1::ServerInfo::STATE_SERVING;
}

bool Daemon::dead() {
  if (exit_code_ >= 0) return true;
  int state = 0;
  if (::waitpid(pid_, &state, WNOHANG) != pid_) return false;
  exit_code_ = WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
  return true;
}

void Daemon::Kill() {
  if (!dead()) ::kill(pid_, SIGKILL);
}
void Daemon::Terminate() {
  if (!dead()) ::kill(pid_, SIGTERM);
}

int Daemon::Wait() {
  while (!dead()) absl::SleepFor(kPoll);
  return exit_code_;
}

absl::Status Daemon::FromWire(const grpc::Status& status) {
  return FromGrpcStatus(status);
}

std::string Daemon::LogTail(const SimulatedDisk& disk) {
  std::ifstream in(disk.Beside("log"));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) {
    lines.push_back(std::move(line));
    if (lines.size() > 12) lines.erase(lines.begin());
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace gradmatch
