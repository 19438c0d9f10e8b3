// Loading, deadlines, overload, draining.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/mutex.h"
#include "server/rpc.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

using Health = grpc::health::v1::Health;
using HealthResponse = grpc::health::v1::HealthCheckResponse;

// Status by name, or the code's name when the check itself failed.
std::string CheckHealth(TestServer& server, const std::string& service) {
  grpc::health::v1::HealthCheckRequest request;
  request.set_service(service);
  HealthResponse response;
  const auto stub = Health::NewStub(server.channel());
  const absl::Status status =
      server.Call(stub, &Health::Stub::Check, request, response);
  if (!status.ok()) return absl::StatusCodeToString(status.code());
  return HealthResponse::ServingStatus_Name(response.status());
}

absl::Status GetInfo(TestServer& server, v1::ServerInfo& info) {
  return server.Call(server.admin(), &v1::AdminService::Stub::GetServerInfo,
                     v1::GetServerInfoRequest(), info);
}

absl::Status ListSources(TestServer& server) {
  v1::ListSourcesResponse response;
  return server.Call(server.sources(), &v1::SourceService::Stub::ListSources,
                     v1::ListSourcesRequest(), response);
}

TEST(LoadingTest, OnlyAdminAnswersUntilTheDataIsThere) {
  TestServer server;
  server.Stop();
  server.Listen();
  EXPECT_EQ(CheckHealth(server, ""), "NOT_SERVING");
  EXPECT_EQ(CheckHealth(server, "gradmatch.v1.MatchService"), "NOT_SERVING");
  EXPECT_EQ(CheckHealth(server, "gradmatch.v1.AdminService"), "SERVING");
  EXPECT_EQ(CheckHealth(server, "no.such.Service"), "NOT_FOUND");
  EXPECT_EQ(Summary(ListSources(server)), "UNAVAILABLE INDEX_LOADING");
  v1::ServerInfo info;
  ASSERT_TRUE(GetInfo(server, info).ok());
  EXPECT_EQ(info.state(), v1::ServerInfo::STATE_LOADING);

  server.Load();
  EXPECT_EQ(CheckHealth(server, ""), "SERVING");
  EXPECT_EQ(CheckHealth(server, "gradmatch.v1.MatchService"), "SERVING");
  EXPECT_TRUE(ListSources(server).ok());
  ASSERT_TRUE(GetInfo(server, info).ok());
  EXPECT_EQ(info.state(), v1::ServerInfo::STATE_SERVING);
}

TEST(ListenTest, TakenAddressIsRefused) {
  TestServer server;
  OptionSources sources;
  sources.flags = {{"server.grpc_listen",
                    "127.0.0.1:" + std::to_string(server.server().port()),
                    "test"}};
  const SystemClock clock;
  Logger log({.format = "json"}, [](std::string_view) {});
  const auto second = Server::Listen(*LoadOptions(sources), clock, log);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
}

// A service whose one method waits at a door, to hold calls where a test wants
// them.
class DoorService final : public Health::CallbackService {
 public:
  explicit DoorService(Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* Check(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request,
      HealthResponse* response) override {
    return RunUnary(
        runtime_, context, request, response, "Door.Check",
        [this](const RpcContext& rpc, const auto& q, auto&) -> absl::Status {
          if (q.service() == "throw") throw std::runtime_error("a secret");
          MutexLock lock(mu_);
          ++inside_;
          changed_.NotifyAll();
          while (!open_ && !rpc.Cancelled()) {
            changed_.WaitFor(mu_, absl::Milliseconds(5));
          }
          --inside_;
          changed_.NotifyAll();
          return rpc.Check();
        },
        {.always = true, .exempt = request->service() == "exempt"});
  }

  void Open() {
    MutexLock lock(mu_);
    open_ = true;
    changed_.NotifyAll();
  }
  void AwaitInside(int n) {
    MutexLock lock(mu_);
    while (inside_ != n) changed_.Wait(mu_);
  }

 private:
  Runtime& runtime_;
  Mutex mu_;
  CondVar changed_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  int inside_ ABSL_GUARDED_BY(mu_) = 0;
};

class WrapperTest : public testing::Test {
 protected:
  // One worker, one place in the queue.
  void Start(Admission::Limits limits) {
    admission_ = std::make_unique<Admission>(limits);
    runtime_ = std::make_unique<Runtime>(clock_, log_, workers_, workers_,
                                         *admission_, streams_);
    door_ = std::make_unique<DoorService>(*runtime_);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterService(door_.get());
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    stub_ = Health::NewStub(grpc::CreateCustomChannel(
        "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(),
        arguments));
  }
  ~WrapperTest() override {
    door_->Open();
    server_->Shutdown();
    workers_.Shutdown();
    server_.reset();
  }
  absl::Status Check(absl::Duration deadline, const std::string& what = "") {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + deadline));
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(what);
    HealthResponse response;
    return TestServer::FromWire(stub_->Check(&context, request, &response));
  }

  SystemClock clock_;
  Mutex mu_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
  Logger log_{{.format = "json"}, [this](std::string_view line) {
                MutexLock lock(mu_);
                lines_.emplace_back(line);
              }};
  WorkerPool workers_{{.threads = 1, .max_queued = 1}, clock_};
  StreamRegistry streams_{absl::Seconds(60)};
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<DoorService> door_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health::Stub> stub_;
};

void ExpectOverloaded(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), kQuotaExceeded);
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.RetryInfo");
  ASSERT_TRUE(payload.has_value());
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(retry.ParseFromString(std::string(*payload)));
  EXPECT_GT(retry.retry_delay().seconds() + retry.retry_delay().nanos(), 0);
}

TEST_F(WrapperTest, TooManyCallsAreRefusedWithRetryAdvice) {
  Start({.max_in_flight = 1});
  std::thread first([&] { EXPECT_TRUE(Check(absl::Seconds(60)).ok()); });
  door_->AwaitInside(1);
  ExpectOverloaded(Check(absl::Seconds(60)));
  EXPECT_EQ(runtime_->counters.refused, 1);
  door_->Open();
  first.join();
  EXPECT_TRUE(Check(absl::Seconds(60)).ok());
}

TEST_F(WrapperTest, ExemptCallsAreNotRefused) {
  Start({.max_in_flight = 1});
  std::thread first([&] { EXPECT_TRUE(Check(absl::Seconds(60)).ok()); });
  door_->AwaitInside(1);
  std::thread exempt(
      [&] { EXPECT_TRUE(Check(absl::Seconds(60), "exempt").ok()); });
  ExpectOverloaded(Check(absl::Seconds(60)));
  door_->Open();
  first.join();
  exempt.join();
}

TEST_F(WrapperTest, FullQueueIsRefusedWithRetryAdvice) {
  Start({.max_in_flight = 100});
  std::vector<std::thread> calls;
  calls.emplace_back([&] { EXPECT_TRUE(Check(absl::Seconds(60)).ok()); });
  door_->AwaitInside(1);
  // One of these finds the one place in the queue, the other does not.
  std::atomic<int> refused{0};
  for (int i = 0; i < 2; ++i) {
    calls.emplace_back([&] {
      const absl::Status status = Check(absl::Seconds(60));
      if (status.ok()) return;
      ExpectOverloaded(status);
      ++refused;
      door_->Open();
    });
  }
  for (std::thread& call : calls) call.join();
  EXPECT_EQ(refused, 1);
}

TEST_F(WrapperTest, PassedDeadlineEndsTheWork) {
  Start({});
  EXPECT_EQ(Check(absl::Milliseconds(50)).code(),
            absl::StatusCode::kDeadlineExceeded);
  door_->AwaitInside(0);  // The handler saw it and left: the worker is free.
  door_->Open();
  EXPECT_TRUE(Check(absl::Seconds(60)).ok());
}

TEST_F(WrapperTest, ExceptionsStopAtTheBoundary) {
  Start({});
  const absl::Status status = Check(absl::Seconds(60), "throw");
  EXPECT_EQ(status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(ReasonOf(status), kInternal);
  EXPECT_EQ(status.message().find("secret"), absl::string_view::npos);
  MutexLock lock(mu_);
  ASSERT_EQ(lines_.size(), 1u);
  EXPECT_NE(lines_[0].find("call_failed"), std::string::npos);
}

TEST(DrainTest, CallsUnderWayEndAndNewOnesAreRefused) {
  TestServer server;
  server.AddSource("gd");
  server.server().runtime().Drain();
  EXPECT_EQ(Summary(ListSources(server)), "UNAVAILABLE DRAINING");
  v1::ServerInfo info;
  ASSERT_TRUE(GetInfo(server, info).ok());
  EXPECT_EQ(info.state(), v1::ServerInfo::STATE_DRAINING);
  server.server().Drain();
  server.server().Drain();
  EXPECT_EQ(ListSources(server).code(), absl::StatusCode::kUnavailable);
  const auto lines = server.log_lines();
  EXPECT_NE(lines.back().find("\"drained\""), std::string::npos);
}

}  // namespace
}  // namespace gradmatch
