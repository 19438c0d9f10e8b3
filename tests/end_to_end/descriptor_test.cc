// No descriptor left: more connections than the process may have files, held
// and released, again and again, with a supervisor that starts the process when
// it ends. Once with our own acceptor, which outlives it, and once with the
// library's, which does not (CVE-2023-4785): there the watchdog finds out and
// ends the process. Afterwards it serves, and has all it had acknowledged.
//
// GRADMATCH_DESCRIPTOR_CYCLES: how many cycles each (2); with it, the bar of
// ten seconds is asserted, which means little on a machine that is busy
// otherwise.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "index/base/mutex.h"
#include "tools/gradmatch/client.h"
#include "tools/gradmatch/sync_client.h"
#include "tools/process/server_process.h"

namespace gradmatch {
namespace {

constexpr int kConnections = 300;
constexpr int kFiles = 128;
constexpr int kListenerDead = 71;  // server.h
constexpr absl::Duration kBar = absl::Seconds(10);

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

// A port that nobody has at the moment.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in own = Loopback(0);
  socklen_t size = sizeof own;
  bind(fd, reinterpret_cast<sockaddr*>(&own), size);
  getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size);
  close(fd);
  return ntohs(own.sin_port);
}

// Starts the program whenever it is not there, as systemd would.
class Supervisor {
 public:
  Supervisor(std::string program, std::vector<std::string> words,
             std::string log)
      : thread_([this, program, words, log] {
          while (true) {
            {
              MutexLock lock(mu_);
              if (stopping_) return;
              const auto pid = SpawnProgram(program, words, log);
              ASSERT_TRUE(pid.ok()) << pid.status();
              pid_ = *pid;
            }
            const int code = WaitProgram(pid_);
            MutexLock lock(mu_);
            codes_.push_back(code);
          }
        }) {}
  ~Supervisor() { Stop(); }

  void Stop() {
    if (!thread_.joinable()) return;
    {
      MutexLock lock(mu_);
      stopping_ = true;
      kill(pid_, SIGTERM);
    }
    thread_.join();
  }
  // How the processes so far have ended.
  std::vector<int> codes() {
    MutexLock lock(mu_);
    return codes_;
  }

 private:
  Mutex mu_;
  std::atomic<pid_t> pid_{-1};
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<int> codes_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;  // last: it uses the rest
};

class DescriptorTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ =
        absl::StrCat(testing::TempDir(), "/gradmatch_descriptors_", getpid());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override {
    if (!HasFailure()) std::filesystem::remove_all(folder_);
  }

  // With few files, and `options` besides.
  void Start(const std::string& options) {
    const std::string program = folder_ + "/few_files";
    std::ofstream(program) << "#!/bin/sh\nulimit -n " << kFiles << "\nexec "
                           << GRADMATCHD << " \"$@\"\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    port_ = FreePort();
    supervisor_ = std::make_unique<Supervisor>(
        program,
        std::vector<std::string>{
            "--data_dir", folder_ + "/data", "--set",
            absl::StrCat("server.grpc_listen=127.0.0.1:", port_,
                         ",server.http_listen=127.0.0.1:0", options)},
        folder_ + "/log");
    AwaitServing();
    v1::CreateSourceRequest request;
    request.set_source_id("few");
    request.mutable_source()->set_display_name("x");
    v1::Source source;
    const absl::Status added = NewClient()->Call<v1::SourceService>(
        &v1::SourceService::Stub::CreateSource, request, source);
    ASSERT_TRUE(added.ok()) << added;
  }

  std::unique_ptr<Client> NewClient() {
    options_.endpoint = absl::StrCat("127.0.0.1:", port_);
    options_.timeout_seconds = 30;
    return std::make_unique<Client>(options_);
  }

  // Whether a new connection is served: equal channels would share one that is
  // there already, which a dead listener does not touch.
  bool Serves() {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    const auto stub = v1::SourceService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", port_), grpc::InsecureChannelCredentials(),
        arguments));
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(1)));
    v1::ListSourcesResponse response;
    return stub->ListSources(&context, {}, &response).ok();
  }

  // How long it takes until one is.
  absl::Duration AwaitServing() {
    const absl::Time begin = absl::Now();
    while (!Serves()) absl::SleepFor(absl::Milliseconds(20));
    return absl::Now() - begin;
  }

  // Rows of one cycle, some in a millisecond, until it is told to stop or the
  // server ends; what is answered is written down.
  void Sync(int cycle) {
    v1::SyncBegin begin;
    begin.set_source("sources/few");
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    int sent = 0;
    const auto client = NewClient();
    (void)SyncPostings(
        *client, begin,
        {[&](v1::SyncPostingRow& row) -> absl::StatusOr<bool> {
           if (stop_) return false;
           absl::SleepFor(absl::Microseconds(500));
           row.set_row_number(++sent);
           v1::Posting& posting = *row.mutable_upsert();
           posting.set_source_posting_id(absl::StrCat("p", cycle, "-", sent));
           posting.set_title("测试工程师");
           posting.mutable_employer()->set_name("某公司");
           posting.set_openings(1);
           return true;
         },
         [&](const v1::SyncRowResult& result) {
           acknowledged_.insert(result.name());
           ++answered_;
         }});
  }

  std::set<std::string> Stored() {
    std::set<std::string> stored;
    v1::ListPostingsRequest request;
    request.set_parent("sources/few");
    request.set_page_size(1'000);
    const auto client = NewClient();
    do {
      v1::ListPostingsResponse response;
      const absl::Status status = client->Call<v1::PostingService>(
          &v1::PostingService::Stub::ListPostings, request, response);
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
      for (const v1::Posting& posting : response.postings()) {
        stored.insert(posting.name());
      }
      request.set_page_token(response.next_page_token());
    } while (!request.page_token().empty());
    return stored;
  }

  // More connections than it has files, open for a while beside a sync. How
  // long after their end a new one was served.
  absl::Duration Exhaust(int cycle) {
    answered_ = 0;
    stop_ = false;
    std::thread syncing([&] { Sync(cycle); });
    while (answered_ < 100) std::this_thread::yield();
    std::vector<int> sockets;
    const sockaddr_in to = Loopback(port_);
    for (int i = 0; i < kConnections; ++i) {
      const int fd =
          socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      (void)connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      sockets.push_back(fd);
    }
    absl::SleepFor(absl::Seconds(1));
    for (const int fd : sockets) close(fd);
    const absl::Duration took = AwaitServing();
    stop_ = true;
    syncing.join();
    return took;
  }

  void RunCycles() {
    const char* text = std::getenv("GRADMATCH_DESCRIPTOR_CYCLES");
    const int cycles = text == nullptr ? 2 : std::atoi(text);
    absl::Duration longest;
    for (int cycle = 1; cycle <= cycles; ++cycle) {
      SCOPED_TRACE(absl::StrCat("cycle=", cycle));
      const absl::Duration took = Exhaust(cycle);
      longest = std::max(longest, took);
      if (text != nullptr) {
        EXPECT_LE(took, kBar);
      }
      const std::set<std::string> stored = Stored();
      for (const std::string& name : acknowledged_) {
        ASSERT_TRUE(stored.contains(name)) << name << " is missing";
      }
    }
    std::printf(
        "%d cycles, longest until served %.2f s, %zu acknowledged, "
        "%zu restarts\n",
        cycles, absl::ToDoubleSeconds(longest), acknowledged_.size(),
        supervisor_->codes().size());
    EXPECT_GT(acknowledged_.size(), 100u);  // else it proves nothing
  }

  std::string folder_;
  int port_ = 0;
  GlobalOptions options_;  // the clients borrow it
  std::unique_ptr<Supervisor> supervisor_;
  std::set<std::string> acknowledged_;  // by one thread at a time
  std::atomic<int> answered_{0};        // of this cycle
  std::atomic<bool> stop_{false};
};

TEST_F(DescriptorTest, OurOwnAcceptorOutlivesIt) {
  ASSERT_NO_FATAL_FAILURE(Start(",server.watchdog_interval=500ms"));
  RunCycles();
  EXPECT_TRUE(supervisor_->codes().empty());
  supervisor_->Stop();
  EXPECT_EQ(supervisor_->codes(), std::vector<int>{0});
}

TEST_F(DescriptorTest, TheWatchdogEndsAProcessWhoseListenerDied) {
  ASSERT_NO_FATAL_FAILURE(
      Start(",server.grpc_connections=0,server.watchdog_interval=500ms"));
  RunCycles();
  const std::vector<int> codes = supervisor_->codes();
  EXPECT_FALSE(codes.empty());  // else this gRPC's listener is mended
  for (const int code : codes) EXPECT_EQ(code, kListenerDead);
  supervisor_->Stop();
}

}  // namespace
}  // namespace gradmatch
