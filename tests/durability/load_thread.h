#ifndef GRADMATCH_TESTS_DURABILITY_LOAD_THREAD_H_
#define GRADMATCH_TESTS_DURABILITY_LOAD_THREAD_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/longrunning/operations.grpc.pb.h"
#include "google/protobuf/empty.pb.h"
#include "gradmatch/v1/posting_service.grpc.pb.h"
#include "gradmatch/v1/push.pb.h"
#include "tests/durability/workload.h"

namespace gradmatch {

// sources/s0, s1 ... are synced, one by a thread; the next is written call by
// call, and the last by calls that can be repeated.
inline constexpr int kLoadSources = 2;
std::string LoadSourceName(int i);

// One client that goes on until the server is gone.
class LoadThread {
 public:
  LoadThread(Workload& work, Daemon& daemon, int number)
      : work_(work),
        daemon_(daemon),
        oracle_(work.oracle_),
        number_(number),
        random_(work.seed_ * 1'000'003 + work.lives_ * 101 + number) {}

  // A step is one exchange with the server; false ends the thread.
  void SyncPostings();
  bool OnePosting();
  bool RepeatableCreate();
  bool OneGraduate();
  bool OneErasure();
  bool OnePush();

  void Repeat(bool (LoadThread::*step)()) {
    while (!work_.stop_ && (this->*step)()) {
    }
  }

 private:
  // True when it is OK. Another error than that the server is gone is blamed.
  bool Good(const absl::Status& status, const std::string& what) {
    if (status.ok()) return true;
    const bool gone = absl::IsUnavailable(status) ||
                      absl::IsCancelled(status) || absl::IsUnknown(status);
    if (!gone && !work_.errors_expected_) {
      oracle_.Blame(absl::StrCat(what, ": ", status.ToString()));
    }
    return false;
  }
  template <typename Service, typename Method, typename Request,
            typename Response>
  bool Do(Method method, const Request& request, Response& response) {
    return Good(daemon_.Call<Service>(method, request, response),
                Request::descriptor()->name());
  }
  template <typename Service, typename Method, typename Request>
  bool Do(Method method, const Request& request) {
    google::protobuf::Empty empty;
    return Do<Service>(method, request, empty);
  }
  uint32_t Below(uint32_t count) { return random_() % count; }
  int64_t NextRevision() { return ++work_.revision_; }
  int64_t NextSerial() { return ++work_.serial_; }

  bool SendRows(grpc::ClientReaderWriter<v1::SyncPostingsRequest,
                                         v1::SyncPostingsResponse>& stream,
                std::map<int64_t, std::pair<std::string, std::string>>& sent);
  bool SetPush(const std::string& id);
  bool SetPlacement(const std::string& id);
  bool SetFlags(const std::string& id);
  bool AwaitOperation(const std::string& name);
  bool ListItems(const std::string& run, std::vector<v1::PushItem>& items);
  bool Deliver(const std::vector<v1::PushItem>& items);
  bool React(const std::vector<v1::PushItem>& items);

  Workload& work_;
  Daemon& daemon_;
  Oracle& oracle_;
  const int number_;
  std::mt19937 random_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_LOAD_THREAD_H_
