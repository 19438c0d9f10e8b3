#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <thread>
#include <utility>

#include "server/server.h"

namespace gradmatch {
namespace {

// sysexits.h, as far as they are used.
constexpr int kUnavailable = 69;
constexpr int kInternalError = 70;
constexpr int kCannotOpen = 73;
constexpr int kNoPermission = 77;
constexpr int kBadConfig = 78;

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kUnavailable:
      return kUnavailable;
    case absl::StatusCode::kPermissionDenied:
      return kNoPermission;
    case absl::StatusCode::kInvalidArgument:
      return kBadConfig;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kDataLoss:
      return kCannotOpen;
    default:
      return kInternalError;
  }
}

LogOptions LogOptionsOf(const Options& options) {
  LogOptions log;
  log.format = options.log.format;
  if (options.log.level == "debug") log.level = LogLevel::kDebug;
  if (options.log.level == "warning") log.level = LogLevel::kWarning;
  if (options.log.level == "error") log.level = LogLevel::kError;
  return log;
}

// SIGTERM and SIGINT as something to wait for, beside the end of a task.
class Signals {
 public:
  // Blocks the signals in this thread and those it makes later.
  Signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signals_ = signalfd(-1, &set, SFD_CLOEXEC);
    done_ = eventfd(0, EFD_CLOEXEC);
  }
  ~Signals() {
    close(signals_);
    close(done_);
  }

  // Any thread: the task that Wait waits for has ended.
  void TellDone() {
    const uint64_t one = 1;
    while (write(done_, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
  }

  // The number of a signal, or nullopt when the task ended first.
  std::optional<int> Wait() {
    while (true) {
      pollfd fds[] = {{done_, POLLIN, 0}, {signals_, POLLIN, 0}};
      if (poll(fds, 2, -1) < 0) continue;
      if ((fds[0].revents & POLLIN) != 0) {
        uint64_t count = 0;
        if (read(done_, &count, sizeof(count)) > 0) return std::nullopt;
      }
      signalfd_siginfo info;
      if ((fds[1].revents & POLLIN) != 0 &&
          read(signals_, &info, sizeof(info)) == sizeof(info)) {
        return static_cast<int>(info.ssi_signo);
      }
    }
  }

 private:
  int signals_ = -1;
  int done_ = -1;
};

// Everything that was acknowledged is on disk, so this is always allowed.
[[noreturn]] void ExitNow(Logger& log, int signal) {
  log.Log(LogLevel::kWarning, "server", "ended_at_once",
          {{LogField::kSignal, signal}});
  _exit(128 + signal);
}

int Fail(Logger& log, const char* event, const absl::Status& status) {
  log.Log(LogLevel::kError, "server", event,
          {{LogField::kCode, absl::StatusCodeToString(status.code())},
           {LogField::kError, std::string(status.message())}});
  return ExitCode(status);
}

}  // namespace

int RunServer(LoadedOptions options) {
  Signals signals;
  Logger log(LogOptionsOf(options.options));
  const SystemClock clock;
  auto listened = Server::Listen(std::move(options), clock, log);
  if (!listened.ok()) return Fail(log, "cannot_listen", listened.status());
  Server& server = **listened;

  absl::Status loaded;
  std::thread loader([&] {
    loaded = server.Load();
    signals.TellDone();
  });
  if (const auto signal = signals.Wait(); signal.has_value()) {
    ExitNow(log, *signal);  // Nothing was served yet.
  }
  loader.join();
  if (!loaded.ok()) return Fail(log, "cannot_open_data_folder", loaded);

  const int signal = signals.Wait().value_or(SIGTERM);
  log.Log(LogLevel::kInfo, "server", "signal", {{LogField::kSignal, signal}});
  std::thread drainer([&] {
    server.Drain();
    signals.TellDone();
  });
  if (const auto second = signals.Wait(); second.has_value()) {
    ExitNow(log, *second);
  }
  drainer.join();
  return 0;
}

}  // namespace gradmatch
