#ifndef GRADMATCH_TESTS_SERVER_TEST_SERVER_H_
#define GRADMATCH_TESTS_SERVER_TEST_SERVER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "gradmatch/v1/admin_service.grpc.pb.h"
#include "gradmatch/v1/content_service.grpc.pb.h"
#include "gradmatch/v1/graduate_service.grpc.pb.h"
#include "gradmatch/v1/match_service.grpc.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/source_service.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "index/base/clock.h"
#include "index/base/mutex.h"
#include "server/log.h"
#include "server/server.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {

// A server in this process: real socket on a free port, real RocksDB in a
// folder of its own, the clock standing at 2026-03-01 12:00 in China. Its data
// stay when it is started again.
class TestServer {
 public:
  using Settings = std::map<std::string, std::string>;

  // Serves when it returns; ends the program with a message if it cannot.
  explicit TestServer(const Settings& settings = {}) { Start(settings); }
  // Not even listening yet.
  struct Later {};
  explicit TestServer(Later) {}
  ~TestServer() { Stop(); }

  // Only the listener is open; Load() makes it serve.
  void Listen(const Settings& settings = {});
  void Load();
  void Start(const Settings& settings = {});
  void Stop();

  // From now on calls carry a token: those of channel() and the stubs.
  void UseBearer(const std::string& bearer);
  // A connection whose calls carry `bearer`; none when it is empty.
  std::shared_ptr<grpc::Channel> ChannelWith(const std::string& bearer);

  Server& server() { return *server_; }
  ManualClock& clock() { return clock_; }
  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  std::vector<std::string> log_lines() const;

  std::unique_ptr<v1::PostingService::Stub> postings() {
    return v1::PostingService::NewStub(channel_);
  }
  std::unique_ptr<v1::SourceService::Stub> sources() {
    return v1::SourceService::NewStub(channel_);
  }
  std::unique_ptr<v1::GraduateService::Stub> graduates() {
    return v1::GraduateService::NewStub(channel_);
  }
  std::unique_ptr<v1::MatchService::Stub> matches() {
    return v1::MatchService::NewStub(channel_);
  }
  std::unique_ptr<v1::ContentService::Stub> contents() {
    return v1::ContentService::NewStub(channel_);
  }
  std::unique_ptr<v1::AdminService::Stub> admin() {
    return v1::AdminService::NewStub(channel_);
  }

  // Makes a source; ends the program if that fails.
  void AddSource(const std::string& id);

  // One call with a deadline of 20 s:
  //   server.Call(server.postings(), &v1::PostingService::Stub::GetPosting,
  //               request, response)
  template <typename Stub, typename Method, typename Request, typename Response>
  absl::Status Call(const std::unique_ptr<Stub>& stub, Method method,
                    const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
    return FromWire(((*stub).*method)(&context, request, &response));
  }

  static absl::Status FromWire(const grpc::Status& status);

 private:
  const TempFolder folder_;
  ManualClock clock_{
      absl::FromCivil(absl::CivilHour(2026, 3, 1, 12), ChinaTime())};
  mutable Mutex mu_;
  std::vector<std::string> lines_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Logger> log_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A posting that is taken without an issue: 软件工程师 in 深圳, bachelor's.
v1::Posting GoodPosting(const std::string& source_posting_id);
// A graduate whom it fits: 软件工程, bachelor's of 2026, wants 深圳.
v1::Graduate GoodGraduate();

// The parts of an error that tests look at: "INVALID_ARGUMENT FIELD_MISSING
// posting.title". The field is left out when there is none.
std::string Summary(const absl::Status& status);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_TEST_SERVER_H_
