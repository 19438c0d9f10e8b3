#ifndef GRADMATCH_TOOLS_PROCESS_SERVER_PROCESS_H_
#define GRADMATCH_TOOLS_PROCESS_SERVER_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/process/channel.h"

namespace gradmatch {

struct ServerProcessOptions {
  std::string program;   // path of gradmatchd
  std::string data_dir;  // made if absent
  std::string log_file;  // its output is appended there
  // "host:port"; port 0 lets the server choose.
  std::string listen = "127.0.0.1:0";
  std::string http_listen = "127.0.0.1:0";
  std::vector<std::string> set;  // further options, name=value
  ChannelSecurity security;      // with which it is asked whether it serves
  // File with the token for that, perhaps one that the server writes; empty:
  // that of `security`.
  std::string token_file;
  absl::Duration start_timeout = absl::Seconds(60);
};

// A gradmatchd of one's own: for the demo, tests and benchmarks. The process
// is killed with this object. Used by one thread.
class ServerProcess {
 public:
  // Returns when the server serves. DeadlineExceeded when it does not in time,
  // Aborted when it ends first; both name the log file.
  static absl::StatusOr<std::unique_ptr<ServerProcess>> Start(
      const ServerProcessOptions& options);
  ~ServerProcess();

  pid_t pid() const { return pid_; }
  const std::string& endpoint() const { return endpoint_; }
  // HTTP's; 0 when there is none.
  int http_port() const { return http_port_; }
  // From the start of the process until it served.
  absl::Duration time_to_serving() const { return time_to_serving_; }
  // Resident memory in bytes; 0 when it cannot be read.
  int64_t ResidentBytes() const;
  // CPU time used so far, all threads.
  absl::Duration CpuTime() const;

  // kill -9: nothing is tidied up.
  void Kill();
  // SIGTERM, then waits; gives the exit code, 128 + signal when killed.
  int Stop();
  // The process goes on after this object is gone.
  void Release() { pid_ = -1; }

 private:
  ServerProcess(pid_t pid, std::string endpoint, int http_port,
                absl::Duration time_to_serving)
      : pid_(pid),
        endpoint_(std::move(endpoint)),
        http_port_(http_port),
        time_to_serving_(time_to_serving) {}
  int Wait();

  pid_t pid_;
  const std::string endpoint_;
  const int http_port_;
  const absl::Duration time_to_serving_;
};

// Starts a program with words, output appended to `log_file` (the caller's own
// when empty). Unavailable when it cannot be started.
absl::StatusOr<pid_t> SpawnProgram(const std::string& program,
                                   std::vector<std::string> words,
                                   const std::string& log_file);
// Waits for it: its exit code, 128 + signal when a signal ended it.
int WaitProgram(pid_t pid);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_PROCESS_SERVER_PROCESS_H_
