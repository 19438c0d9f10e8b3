#ifndef GRADMATCH_TESTS_DURABILITY_SERVICE_HISTORY_H_
#define GRADMATCH_TESTS_DURABILITY_SERVICE_HISTORY_H_

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/durability/service_model.h"
#include "tests/server/test_server.h"

namespace gradmatch {

// A server whose data folder can be taken as a crash would leave it.
class CrashingServer {
 public:
  CrashingServer();

  void Restart();
  // What is in the files now is what there is. Nothing may be under way.
  void Crash();
  TestServer& operator*() { return *server_; }
  TestServer* operator->() { return server_.get(); }

  absl::Time start() const { return start_; }
  // 1, 2 ...: for what must be new on this server.
  int64_t NextSerial() { return ++serial_; }
  // The highest etag that was seen; etags only rise.
  int64_t generation() const { return generation_; }
  void SawGeneration(int64_t generation) { generation_ = generation; }

 private:
  std::string Folder() const { return folder_ / absl::StrCat("data", lives_); }

  const TempFolder folder_;
  int lives_ = 0;
  std::unique_ptr<TestServer> server_;
  absl::Time start_;
  int64_t serial_ = 0;
  int64_t generation_ = 0;
};

// A row of a sync.
struct Row {
  std::string id;
  ServiceModel::Act act;
  int64_t revision;
  bool refused = false;
};

// One history of random steps and its model: rows, closings, deletions,
// placements, opt-outs, erasures and push runs, with the clock set forth and
// back, purges, restarts and crashes between. It minds only what it made
// itself.
class History {
 public:
  History(CrashingServer& server, uint32_t seed)
      : server_(server), random_(seed), prefix_(absl::StrCat("h", seed, "-")) {}

  // To its end or the first difference; then its steps are printed.
  void Run();

 private:
  uint32_t Below(uint32_t count) { return random_() % count; }
  std::string PostingId();
  std::string GraduateId();
  template <typename Service, typename Method, typename Request,
            typename Response>
  absl::Status Call(Method method, const Request& request, Response& response) {
    return server_->Call(Service::NewStub(server_->channel()), method, request,
                         response);
  }

  void Step();
  void SendSomeRows();
  void Send(const std::vector<Row>& rows, bool first);
  void PutGraduate(const std::string& id);
  void SetPush(const std::string& id);
  void SetPlacement(const std::string& id);
  void Erase(const std::string& id);
  void Push();
  void JumpClock();
  void Purge();
  void Compare();
  void ComparePostings();
  void CompareGraduates();
  void Replay();
  std::vector<v1::Posting> List();
  std::string Dump();

  CrashingServer& server_;
  std::mt19937 random_;
  const std::string prefix_;
  ServiceModel model_;
  std::vector<Row> sent_;
  std::vector<std::string> steps_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_SERVICE_HISTORY_H_
