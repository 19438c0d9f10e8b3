#ifndef GRADMATCH_TESTS_DURABILITY_DAEMON_H_
#define GRADMATCH_TESTS_DURABILITY_DAEMON_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "grpcpp/grpcpp.h"
#include "tests/durability/simulated_disk.h"

namespace gradmatch {

// A gradmatchd as it is shipped, on a simulated disk: data folder, seal keys
// and log are its own. Used by one thread; Call and dead by any.
class Daemon {
 public:
  // Returns when it serves or has ended. `settings` are further options,
  // name=value. Ends the program if it cannot be started at all.
  explicit Daemon(SimulatedDisk& disk,
                  const std::vector<std::string>& settings = {});
  // Killed if it lives.
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  bool serving() const { return serving_; }
  // Whether the process has ended; then what Wait returns.
  bool dead();
  // kill -9, or SIGTERM; it may be dead already.
  void Kill();
  void Terminate();
  // Waits for its end: the exit code, 128 + signal when a signal ended it.
  int Wait();
  std::shared_ptr<grpc::Channel> channel() const { return channel_; }

  // The last lines of its log, of all that ran on this disk.
  static std::string LogTail(const SimulatedDisk& disk);
  static std::string DataFolder(const SimulatedDisk& disk) {
    return disk.root() + "/data";
  }

  // One call of a stub: Call<v1::PostingService>(&Stub::Get, request, response)
  template <typename Service, typename Method, typename Request,
            typename Response>
  absl::Status Call(Method method, const Request& request, Response& response,
                    absl::Duration timeout = absl::Seconds(60)) const {
    const auto stub = Service::NewStub(channel_);
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    return FromWire(((*stub).*method)(&context, request, &response));
  }
  static absl::Status FromWire(const grpc::Status& status);

 private:
  void AwaitServing(const std::string& port_file);
  void Connect(const std::string& port);
  bool Serves() const;

  pid_t pid_ = -1;
  int exit_code_ = -1;
  bool serving_ = false;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_DAEMON_H_
