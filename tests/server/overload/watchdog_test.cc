#include "server/watchdog.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/health_check_service_interface.h"
#include "gtest/gtest.h"
#include "server/systemd_notify.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

using State = WatchdogVerdict::State;

TEST(WatchdogVerdictTest, FollowsTheTries) {
  struct Step {
    int at_seconds;
    Probe probe;
    State want;
  };
  struct Case {
    const char* name;
    std::vector<Step> steps;
  };
  constexpr Probe kYes = Probe::kAnswered, kDoor = Probe::kAccepted,
                  kNo = Probe::kNoAnswer, kNone = Probe::kNotTried;
  const Case cases[] = {
      {"three failures running",
       {{0, kYes, State::kWell},
        {2, kNo, State::kDoubtful},
        {4, kNo, State::kDoubtful},
        {6, kNo, State::kDead}}},
      {"an answer makes it good",
       {{0, kNo, State::kDoubtful},
        {2, kNo, State::kDoubtful},
        {4, kYes, State::kWell},
        {6, kNo, State::kDoubtful},
        {8, kNo, State::kDoubtful},
        {10, kNo, State::kDead}}},
      {"overload is not death",
       {{0, kDoor, State::kWell},
        {2, kDoor, State::kWell},
        {4, kDoor, State::kWell},
        {600, kDoor, State::kWell}}},
      {"the door clears failures",
       {{0, kNo, State::kDoubtful},
        {2, kNo, State::kDoubtful},
        {4, kDoor, State::kWell},
        {6, kNo, State::kDoubtful}}},
      {"what could not be tried counts for nothing at first",
       {{0, kNone, State::kDoubtful},
        {30, kNone, State::kDoubtful},
        {59, kNone, State::kDoubtful},
        {60, kNone, State::kDead}}},
      {"want of descriptors that passes",
       {{0, kNone, State::kDoubtful},
        {50, kYes, State::kWell},
        {70, kNone, State::kDoubtful},
        {129, kNone, State::kDoubtful},
        {130, kNone, State::kDead}}},
      {"failures and want together",
       {{0, kNo, State::kDoubtful},
        {2, kNone, State::kDoubtful},
        {4, kNo, State::kDoubtful},
        {6, kNone, State::kDoubtful},
        {8, kNo, State::kDead}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    WatchdogVerdict verdict({.failures = 3, .starving = absl::Seconds(60)});
    for (const Step& step : c.steps) {
      SCOPED_TRACE(step.at_seconds);
      EXPECT_EQ(verdict.Next(step.probe,
                             absl::FromUnixSeconds(1'000 + step.at_seconds)),
                step.want);
    }
  }
}

// A TCP listener that nobody accepts from: connecting works, as with a gRPC
// server whose listener is dead.
class DeadListener {
 public:
  DeadListener() : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
    EXPECT_EQ(listen(fd_, 16), 0);
    socklen_t size = sizeof own;
    getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
    address_ = absl::StrCat("127.0.0.1:", ntohs(own.sin_port));
  }
  ~DeadListener() { close(fd_); }
  const std::string& address() const { return address_; }
  int fd() const { return fd_; }

 private:
  const int fd_;
  std::string address_;
};

int64_t NoCount() { return 0; }

TEST(ProberTest, SeesADeadListenerThatStillConnects) {
  DeadListener dead;
  const std::string address = dead.address();
  EXPECT_EQ(GrpcProber([address] { return DialOwnListener(address); },
                       NoCount)(absl::Milliseconds(300)),
            Probe::kNoAnswer);
  EXPECT_EQ(HttpProber(address, NoCount)(absl::Milliseconds(300)),
            Probe::kNoAnswer);
  // One that counts who comes is alive, however busy.
  int64_t count = 0;
  const auto counts = [&count] { return count++; };
  EXPECT_EQ(GrpcProber([address] { return DialOwnListener(address); },
                       counts)(absl::Milliseconds(300)),
            Probe::kAccepted);
  EXPECT_EQ(HttpProber(address, counts)(absl::Milliseconds(300)),
            Probe::kAccepted);
}

TEST(ProberTest, ByTcpBytesOrAnEndAreLife) {
  DeadListener listener;
  EXPECT_EQ(TcpProber(listener.address())(absl::Milliseconds(300)),
            Probe::kNoAnswer);
  close(accept(listener.fd(), nullptr, nullptr));
  for (const bool speaks : {true, false}) {
    std::thread peer([&] {
      const int fd = accept(listener.fd(), nullptr, nullptr);
      if (speaks) (void)!write(fd, "alert", 5);
      close(fd);
    });
    EXPECT_EQ(TcpProber(listener.address())(absl::Seconds(20)),
              Probe::kAnswered);
    peer.join();
  }
}

TEST(ProberTest, NobodyListens) {
  std::string address;
  { address = DeadListener().address(); }
  EXPECT_EQ(GrpcProber([address] { return DialOwnListener(address); },
                       NoCount)(absl::Seconds(2)),
            Probe::kNoAnswer);
  EXPECT_EQ(HttpProber(address, NoCount)(absl::Seconds(2)), Probe::kNoAnswer);
}

TEST(ProberTest, AnyAnswerOfGrpcIsLife) {
  for (const bool health : {true, false}) {  // without: UNIMPLEMENTED
    grpc::EnableDefaultHealthCheckService(health);
    v1::SourceService::CallbackService service;
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    const auto server = builder.BuildAndStart();
    const std::string address = absl::StrCat("127.0.0.1:", port);
    EXPECT_EQ(GrpcProber([address] { return DialOwnListener(address); },
                         NoCount)(absl::Seconds(20)),
              Probe::kAnswered)
        << health;
    EXPECT_EQ(TcpProber(address)(absl::Seconds(20)), Probe::kAnswered);
  }
  grpc::EnableDefaultHealthCheckService(false);
}

TEST(ProberTest, AnyAnswerOfHttpIsLife) {
  DeadListener listener;
  std::thread busy([&listener] {
    const int fd = accept(listener.fd(), nullptr, nullptr);
    const char text[] = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
    (void)!write(fd, text, sizeof text - 1);
    close(fd);
  });
  EXPECT_EQ(HttpProber(listener.address(), NoCount)(absl::Seconds(20)),
            Probe::kAnswered);
  busy.join();
}

class WatchdogTest : public testing::Test {
 protected:
  // A listener that does what `script` says, then its last for ever.
  Watchdog::Listener Scripted(const char* name, std::vector<Probe> script) {
    return {name, [this, script = std::move(script),
                   at = size_t{0}](absl::Duration) mutable {
              ++tries_;
              return script[std::min(at++, script.size() - 1)];
            }};
  }
  Watchdog::Hooks Hooks() {
    return {.on_well = [this] { ++well_; },
            .on_dead =
                [this](const std::string& name) {
                  dead_ = name;
                  ended_ = true;
                }};
  }
  void Await(const std::atomic<int>& count, int n) {
    while (count < n) std::this_thread::yield();
  }

  Logger log_{{.format = "json"}, [](std::string_view) {}};
  std::atomic<int> tries_{0};
  std::atomic<int> well_{0};
  std::atomic<bool> ended_{false};
  std::string dead_;
};

TEST_F(WatchdogTest, OneDeadListenerOfTwoEndsItOnce) {
  std::vector<Watchdog::Listener> listeners;
  listeners.push_back(Scripted("grpc", {Probe::kAnswered}));
  listeners.push_back(
      Scripted("http", {Probe::kAnswered, Probe::kNoAnswer, Probe::kNoAnswer}));
  Watchdog watchdog(absl::Milliseconds(1), {.failures = 2},
                    std::move(listeners), Hooks(), log_);
  while (!ended_) std::this_thread::yield();
  watchdog.Stop();
  EXPECT_EQ(dead_, "http");
  EXPECT_EQ(well_, 1);  // not while one was in doubt
  EXPECT_EQ(tries_, 6);
}

TEST_F(WatchdogTest, WellIsToldEachTimeAndStopEndsIt) {
  std::vector<Watchdog::Listener> listeners;
  listeners.push_back(Scripted("grpc", {Probe::kAnswered, Probe::kAccepted}));
  Watchdog watchdog(absl::Milliseconds(1), {}, std::move(listeners), Hooks(),
                    log_);
  Await(well_, 5);
  watchdog.Stop();
  const int told = well_;
  watchdog.Stop();
  EXPECT_EQ(well_, told);
  EXPECT_FALSE(ended_);
}

// The server ends while a try is under way: that it fails means nothing.
TEST_F(WatchdogTest, NothingIsDecidedAfterStop) {
  std::atomic<bool> inside{false}, go_on{false};
  std::vector<Watchdog::Listener> listeners;
  listeners.push_back({"grpc", [&](absl::Duration) {
                         inside = true;
                         while (!go_on) std::this_thread::yield();
                         return Probe::kNoAnswer;
                       }});
  Watchdog watchdog(absl::Milliseconds(1), {.failures = 1},
                    std::move(listeners), Hooks(), log_);
  while (!inside) std::this_thread::yield();
  std::thread stopper([&] { watchdog.Stop(); });
  // Stop says so before it waits; only then may the try end.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  go_on = true;
  stopper.join();
  EXPECT_FALSE(ended_);
}

// What the manager would receive.
TEST(SystemdNotifyTest, SendsTheDocumentedLines) {
  const TempFolder folder;
  const std::string path = folder / "notify";
  const int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un own{};
  own.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof own.sun_path);
  std::strcpy(own.sun_path, path.c_str());
  ASSERT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&own), sizeof own), 0);
  const auto received = [fd] {
    char text[256];
    const ssize_t n = recv(fd, text, sizeof text, MSG_DONTWAIT);
    return n < 0 ? std::string("(nothing)") : std::string(text, n);
  };
  NotifyWell();  // nobody to tell
  EXPECT_EQ(NotifyWatchdogTime(), absl::InfiniteDuration());
  setenv("NOTIFY_SOCKET", path.c_str(), 1);
  setenv("WATCHDOG_USEC", "30000000", 1);
  EXPECT_EQ(received(), "(nothing)");
  NotifyStatus("loading");
  EXPECT_EQ(received(), "STATUS=loading");
  NotifyReady("serving");
  EXPECT_EQ(received(), "READY=1\nSTATUS=serving");
  NotifyWell();
  EXPECT_EQ(received(), "WATCHDOG=1");
  NotifyStopping();
  EXPECT_EQ(received(), "STOPPING=1\nSTATUS=draining");
  EXPECT_EQ(NotifyWatchdogTime(), absl::Seconds(30));
  unsetenv("NOTIFY_SOCKET");
  unsetenv("WATCHDOG_USEC");
  close(fd);
}

}  // namespace
}  // namespace gradmatch
