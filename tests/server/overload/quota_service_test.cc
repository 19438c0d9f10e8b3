// Quotas over a real socket: who is refused by what, what it is told, and that
// the others notice nothing.

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/mutex.h"
#include "server/gate.h"
#include "server/rpc.h"
#include "tests/server/http/http_client.h"
#include "tests/server/overload/metadata_gate.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

using Health = grpc::health::v1::Health;

// Calls stay inside until the door opens or nobody waits for them any more.
class DoorService final : public Health::CallbackService {
 public:
  explicit DoorService(Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* Check(
      grpc::CallbackServerContext* context,
      const grpc::health::v1::HealthCheckRequest* request,
      grpc::health::v1::HealthCheckResponse* response) override {
    return RunUnary(
        runtime_, context, request, response, "Door.Check",
        [this](const RpcContext& rpc, const auto&, auto&) -> absl::Status {
          MutexLock lock(mu_);
          left_ = rpc.deadline() - absl::Now();
          ++inside_[QuotaTenant(rpc.caller())];
          changed_.NotifyAll();
          while (!open_ && !rpc.Cancelled()) {
            changed_.WaitFor(mu_, absl::Milliseconds(5));
          }
          --inside_[QuotaTenant(rpc.caller())];
          changed_.NotifyAll();
          return rpc.Check();
        },
        {.always = true});
  }

  void Open() {
    MutexLock lock(mu_);
    open_ = true;
    changed_.NotifyAll();
  }
  void AwaitInside(const std::string& tenant, int n) {
    MutexLock lock(mu_);
    while (inside_[tenant] != n) changed_.Wait(mu_);
  }
  int Inside(const std::string& tenant) {
    MutexLock lock(mu_);
    return inside_[tenant];
  }
  // Of the call that entered last.
  absl::Duration left() {
    MutexLock lock(mu_);
    return left_;
  }

 private:
  Runtime& runtime_;
  Mutex mu_;
  CondVar changed_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
  std::map<std::string, int> inside_ ABSL_GUARDED_BY(mu_);
  absl::Duration left_ ABSL_GUARDED_BY(mu_);
};

class QuotaTest : public testing::Test {
 protected:
  void Start(const Admission::Limits& limits, const WorkerPool::Limits& pool) {
    admission_ = std::make_unique<Admission>(limits);
    workers_ = std::make_unique<WorkerPool>(pool, clock_);
    runtime_ = std::make_unique<Runtime>(clock_, log_, *workers_, *workers_,
                                         *admission_, streams_);
    runtime_->SetGate(gate_);
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
        absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials(),
        arguments));
  }
  ~QuotaTest() override {
    door_->Open();
    for (std::thread& call : calls_) call.join();
    server_->Shutdown();
    workers_->Shutdown();
    server_.reset();
  }

  absl::Status Call(const std::string& tenant, grpc::ClientContext& context) {
    context.AddMetadata(kTestTenant, tenant);
    grpc::health::v1::HealthCheckRequest request;
    grpc::health::v1::HealthCheckResponse response;
    return TestServer::FromWire(stub_->Check(&context, request, &response));
  }
  absl::Status Call(const std::string& tenant) {
    grpc::ClientContext context;
    return Call(tenant, context);
  }
  // A call that is let in, on a thread of its own.
  void Begin(const std::string& tenant) {
    calls_.emplace_back([this, tenant] { EXPECT_TRUE(Call(tenant).ok()); });
  }

  const SystemClock clock_;
  const MetadataGate gate_;
  Logger log_{{.format = "json"}, [](std::string_view) {}};
  StreamRegistry streams_{absl::Seconds(60)};
  std::unique_ptr<Admission> admission_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<DoorService> door_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<Health::Stub> stub_;
  std::vector<std::thread> calls_;
};

std::string LimitOf(const absl::Status& status) {
  google::rpc::QuotaFailure failure;
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.QuotaFailure");
  if (!payload.has_value() || !failure.ParseFromString(std::string(*payload))) {
    return absl::StrCat("no quota failure: ", status.ToString());
  }
  return failure.violations(0).description();
}

TEST_F(QuotaTest, ATenantAtItsLimitIsToldAndOthersComeIn) {
  Start({.tenant_in_flight = 1}, {.threads = 1, .spare_threads = 1});
  Begin("a");
  door_->AwaitInside("source/a", 1);
  grpc::ClientContext context;
  const absl::Status refused = Call("a", context);
  EXPECT_EQ(LimitOf(refused), "tenant_calls");
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto pushback = trailers.find("grpc-retry-pushback-ms");
  ASSERT_NE(pushback, trailers.end());
  int millis = 0;
  EXPECT_TRUE(absl::SimpleAtoi(
      absl::string_view(pushback->second.data(), pushback->second.size()),
      &millis));
  EXPECT_GE(millis, 200);
  // All of it, as it was on the wire but for names.
  size_t bytes = 0;
  for (const auto& [name, value] : trailers)
    bytes += name.size() + value.size();
  EXPECT_LT(bytes, 2'048u);
  Begin("b");
  door_->AwaitInside("source/b", 1);
  EXPECT_EQ(runtime_->counters.refused_by.Get(QuotaLimit::kTenantCalls), 1);
}

// The one thread that a may use is busy for as long as it likes; b does not
// wait for it, while a's next call does.
TEST_F(QuotaTest, AnotherTenantFindsAThreadFree) {
  Start({}, {.threads = 1, .spare_threads = 1});
  Begin("a");
  door_->AwaitInside("source/a", 1);
  Begin("a");
  Begin("b");
  door_->AwaitInside("source/b", 1);
  EXPECT_EQ(door_->Inside("source/a"), 1);
}

TEST_F(QuotaTest, TheQueueOfATenantHasAnEnd) {
  Start({}, {.threads = 1, .tenant_max_queued = 1});
  Begin("a");
  door_->AwaitInside("source/a", 1);
  std::atomic<int> refused{0};
  for (int i = 0; i < 2; ++i) {
    calls_.emplace_back([&] {
      const absl::Status status = Call("a");
      if (status.ok()) return;
      EXPECT_EQ(LimitOf(status), "tenant_queue");
      ++refused;
    });
  }
  while (refused < 1) std::this_thread::yield();
  EXPECT_EQ(runtime_->counters.refused_by.Get(QuotaLimit::kTenantQueue), 1);
}

TEST_F(QuotaTest, ACallWithoutADeadlineGetsThirtySeconds) {
  Start({}, {.threads = 2});
  Begin("a");
  door_->AwaitInside("source/a", 1);
  EXPECT_LE(door_->left(), kLongestUnaryCall);
  EXPECT_GT(door_->left(), absl::ZeroDuration());
  calls_.emplace_back([this] {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Hours(1)));
    EXPECT_TRUE(Call("b", context).ok());
  });
  door_->AwaitInside("source/b", 1);
  EXPECT_LE(door_->left(), kLongestUnaryCall);
}

TEST_F(QuotaTest, ACancelledCallFreesItsThreadAndItsPermit) {
  Start({.tenant_in_flight = 1}, {.threads = 1});
  grpc::ClientContext context;
  std::thread call([&] {
    EXPECT_EQ(Call("a", context).code(), absl::StatusCode::kCancelled);
  });
  door_->AwaitInside("source/a", 1);
  context.TryCancel();
  call.join();
  door_->AwaitInside("source/a", 0);
  while (admission_->in_flight() > 0) std::this_thread::yield();
  Begin("a");
  door_->AwaitInside("source/a", 1);
}

TEST_F(QuotaTest, ACancelledCallThatWaitsEndsWithoutWork) {
  Start({}, {.threads = 1});
  Begin("a");
  door_->AwaitInside("source/a", 1);
  grpc::ClientContext context;
  std::thread waiting([&] {
    EXPECT_EQ(Call("b", context).code(), absl::StatusCode::kCancelled);
  });
  while (workers_->figures().queued == 0) std::this_thread::yield();
  context.TryCancel();
  waiting.join();
  door_->Open();
  while (admission_->in_flight() > 0) std::this_thread::yield();
  EXPECT_EQ(door_->Inside("source/b"), 0);
}

// The whole server, with its own options.
class QuotaServerTest : public testing::Test {
 protected:
  void Start(const TestServer::Settings& settings) {
    server_.Stop();
    server_.Listen(settings);
    server_.server().runtime().SetGate(gate_);
    server_.Load();
  }
  absl::Status ListSources(const std::string& tenant) {
    grpc::ClientContext context;
    context.AddMetadata(kTestTenant, tenant);
    v1::ListSourcesResponse response;
    return TestServer::FromWire(
        server_.sources()->ListSources(&context, {}, &response));
  }

  const MetadataGate gate_;
  TestServer server_;
};

TEST_F(QuotaServerTest, RatesAreATenantsOwn) {
  Start({{"server.tenant_calls_per_second", "3"}});
  absl::Status refused;
  for (int i = 0; i < 100 && refused.ok(); ++i) refused = ListSources("a");
  EXPECT_EQ(LimitOf(refused), "tenant_rate");
  EXPECT_TRUE(ListSources("b").ok());
}

TEST_F(QuotaServerTest, OverHttpItIs429WithRetryAfter) {
  Start({{"server.tenant_calls_per_second", "3"}});
  HttpClient http(server_.server().http_port());
  HttpClient::Response refused;
  for (int i = 0; i < 100 && refused.status != 429; ++i) {
    refused = http.Call("GET", "/v1/sources");
  }
  ASSERT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers["retry-after"], "1");
  EXPECT_NE(refused.body.find("tenant_rate"), std::string::npos);
  EXPECT_NE(refused.body.find("google.rpc.QuotaFailure"), std::string::npos);
  // What operators look at is not for quotas to hide, and has counted it.
  const auto metrics = http.Call("GET", "/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("gradmatch_rpc_refused_by_limit_total{"
                              "limit=\"tenant_rate\"} 1\n"),
            std::string::npos)
      << metrics.body;
}

TEST_F(QuotaServerTest, StreamsAreCountedApartFromCalls) {
  Start({{"server.tenant_streams", "2"}, {"server.max_in_flight", "1"}});
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::SyncPostingsRequest,
                                             v1::SyncPostingsResponse>>
        calls;
  };
  const auto stub = server_.postings();
  std::vector<std::unique_ptr<Stream>> streams;
  const auto open = [&](const std::string& tenant) {
    streams.push_back(std::make_unique<Stream>());
    Stream& stream = *streams.back();
    stream.context.AddMetadata(kTestTenant, tenant);
    stream.calls = stub->SyncPostings(&stream.context);
  };
  const int64_t before = server_.server().runtime().admission.streams();
  open("a");
  open("a");
  while (server_.server().runtime().admission.streams() < before + 2) {
    std::this_thread::yield();
  }
  open("a");
  EXPECT_EQ(LimitOf(TestServer::FromWire(streams.back()->calls->Finish())),
            "tenant_streams");
  // Neither calls nor others' streams are in the way of those.
  EXPECT_TRUE(ListSources("a").ok());
  open("b");
  while (server_.server().runtime().admission.streams() < before + 3) {
    std::this_thread::yield();
  }
  for (const auto& stream : streams) stream->context.TryCancel();
}

}  // namespace
}  // namespace gradmatch
