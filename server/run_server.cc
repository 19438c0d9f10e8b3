#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"
#include "server/descriptors.h"
#include "server/process_secrets.h"
#include "server/server.h"
#include "server/systemd_notify.h"
#include "server/watchdog.h"

namespace gradmatch {
namespace {

// sysexits.h, as far as they are used.
constexpr int kUnavailable = 69;
constexpr int kInternalError = 70;
constexpr int kListenerDead = 71;  // of the operating system: start it again
constexpr int kCannotOpen = 73;
constexpr int kTryAgain = 75;
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
    case absl::StatusCode::kResourceExhausted:  // the disk is full
      return kTryAgain;
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
  log.repeats_per_minute = options.log.repeats_per_minute;
  if (options.log.level == "debug") log.level = LogLevel::kDebug;
  if (options.log.level == "warning") log.level = LogLevel::kWarning;
  if (options.log.level == "error") log.level = LogLevel::kError;
  return log;
}

// Set once, before the first call of gRPC.
Logger* g_log = nullptr;

// What gRPC and protobuf have to say becomes lines like all others, so that
// whoever reads the log by machine can read all of it. Some of it is caused by
// what strangers send, so it is never more than a warning of ours.
void LogGrpc(gpr_log_func_args* args) {
  g_log->Log(args->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarning
                                                      : LogLevel::kDebug,
             "grpc", "message", {{LogField::kError, args->message}});
}

void LogProtobuf(google::protobuf::LogLevel level, const char*, int,
                 const std::string& message) {
  g_log->Log(level >= google::protobuf::LOGLEVEL_ERROR ? LogLevel::kWarning
                                                       : LogLevel::kDebug,
             "protobuf", "message", {{LogField::kError, message}});
}

// The log of this process. Never destroyed: threads of the libraries may use it
// until the process ends.
Logger& ProcessLog(const Options& options) {
  g_log = new Logger(LogOptionsOf(options));
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
  return *g_log;
}

// Both ends of a pipe that the signal handler writes to; one a process.
int g_pipe[2] = {-1, -1};

// 0 stands for the end of the task, any other byte for a signal's number.
void Tell(char what) {
  const int saved = errno;
  while (write(g_pipe[1], &what, 1) < 0 && errno == EINTR) {
  }
  errno = saved;
}

// SIGTERM, SIGINT and SIGHUP as something to wait for, beside the end of a
// task. A handler, and not a mask: libraries have threads from before main,
// which no mask of ours reaches.
class Signals {
 public:
  Signals() {
    if (pipe2(g_pipe, O_CLOEXEC | O_NONBLOCK) != 0) std::abort();
    struct sigaction action = {};
    action.sa_handler = [](int signal) { Tell(static_cast<char>(signal)); };
    action.sa_flags = SA_RESTART;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGHUP, &action, nullptr);
    // The reader of our log may go away; we must not go with it.
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
  }

  // Any thread: the task that Wait waits for has ended.
  void TellDone() { Tell(0); }

  // The number of a signal to end, or nullopt when the task ended first.
  // `reload` is called for each SIGHUP in between.
  std::optional<int> Wait(const std::function<void()>& reload) {
    while (true) {
      const std::optional<int> signal = WaitForAny();
      if (signal != SIGHUP) return signal;
      reload();
    }
  }

 private:
  static std::optional<int> WaitForAny() {
    char what = 0;
    do {
      // Not read alone: the thread sanitizer calls handlers during poll only.
      pollfd ready = {.fd = g_pipe[0], .events = POLLIN, .revents = 0};
      poll(&ready, 1, -1);
    } while (read(g_pipe[0], &what, 1) != 1);
    if (what == 0) return std::nullopt;
    return what;
  }
};

// Everything that was acknowledged is on disk, so this is always allowed.
[[noreturn]] void ExitNow(Logger& log, int signal) {
  log.Log(LogLevel::kWarning, "server", "ended_at_once",
          {{LogField::kSignal, signal}});
  _exit(128 + signal);
}

// Ends the process when a listener is dead. Nothing is drained and nothing
// written: nobody new could hear of it, and all that was acknowledged is on
// disk. Null when it is switched off.
std::unique_ptr<Watchdog> StartWatchdog(const Options::Server& options,
                                        Server& server, Logger& log) {
  const absl::Duration interval = options.watchdog_interval;
  if (interval == absl::ZeroDuration()) return nullptr;
  constexpr int kFailures = 3;
  // Up to the verdict the manager hears nothing, and must not be first.
  const absl::Duration silence = (kFailures + 1) * 2 * interval;
  if (NotifyWatchdogTime() < silence) {
    log.Log(LogLevel::kWarning, "watchdog", "watchdog_sec_too_short",
            {{LogField::kSeconds, absl::ToDoubleSeconds(NotifyWatchdogTime())},
             {LogField::kTotal, absl::ToDoubleSeconds(silence)},
             {LogField::kOption, "server.watchdog_interval"}});
  }
  return std::make_unique<Watchdog>(
      interval, WatchdogVerdict::Limits{.failures = kFailures},
      server.listeners(),
      Watchdog::Hooks{.on_well = [] { NotifyWell(); },
                      .on_dead =
                          [&log](const std::string&) {
                            log.Log(LogLevel::kError, "server",
                                    "ended_to_be_started_again",
                                    {{LogField::kCode, kListenerDead}});
                            _exit(kListenerDead);
                          }},
      log);
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
  Logger& log = ProcessLog(options.options);
  const absl::Status closed = CloseProcess(options.options.server.core_dumps);
  if (!closed.ok()) return Fail(log, "cannot_forbid_core_dumps", closed);
  const SystemClock clock;
  RaiseDescriptorLimit();
  const Options::Server server_options = options.options.server;
  auto listened = Server::Listen(std::move(options), clock, log);
  if (!listened.ok()) return Fail(log, "cannot_listen", listened.status());
  Server& server = **listened;
  const auto reload = [&server] { server.ReloadCertificates(); };
  NotifyStatus("loading");

  absl::Status loaded;
  std::thread loader([&] {
    loaded = server.Load();
    signals.TellDone();
  });
  if (const auto signal = signals.Wait(reload); signal.has_value()) {
    ExitNow(log, *signal);  // Nothing was served yet.
  }
  loader.join();
  if (!loaded.ok()) return Fail(log, "cannot_open_data_folder", loaded);

  NotifyReady("serving");
  std::unique_ptr<Watchdog> watchdog =
      StartWatchdog(server_options, server, log);
  const int signal = signals.Wait(reload).value_or(SIGTERM);
  NotifyStopping();
  if (watchdog != nullptr) watchdog->Stop();
  log.Log(LogLevel::kInfo, "server", "signal", {{LogField::kSignal, signal}});
  std::thread drainer([&] {
    server.Drain();
    signals.TellDone();
  });
  if (const auto second = signals.Wait(reload); second.has_value()) {
    ExitNow(log, *second);
  }
  drainer.join();
  return 0;
}

}  // namespace gradmatch
