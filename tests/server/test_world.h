#ifndef GRADMATCH_TESTS_SERVER_TEST_WORLD_H_
#define GRADMATCH_TESTS_SERVER_TEST_WORLD_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "tests/server/test_server.h"

namespace gradmatch {

// One thing of every kind, for tests that call every method:
//
//   sources/gd, sources/empty      the second without postings
//   sources/gd/postings/A-1        fits graduates/g-1; to be deleted
//   graduates/g-1                  of school 4144010558, class c-1
//   graduates/g-placed, g-frozen   placed and frozen
//   graduates/{fresh()}            nobody has heard of it; to be erased
//   pushPlans/nightly              and pushPlans/old, to be deleted
//   pushRuns/run-1                 READY, with items
//   contents/c-1, c-2              policies; the second to be deleted
//   staff/s-1, s-2                 look after that school
//   tokens/world                   and tokens/{fresh()}-r, to be revoked; only
//                                  where the caller may make tokens
//   dataSnapshots/...              the newest, and none being made
class TestWorld {
 public:
  // What the server must be started with: a file of seal keys in `folder`, and
  // a folder for data snapshots.
  static TestServer::Settings Settings(const std::string& folder);

  // `server` is borrowed. Ends the program if something cannot be made.
  // `of_operator` is the channel of an operator, for data snapshots, where the
  // server's own is not.
  explicit TestWorld(TestServer& server,
                     std::shared_ptr<grpc::Channel> of_operator = nullptr);

  // Brings back what a call may have changed or deleted, with a new fresh().
  void Restore();

  // Calls a method by its short name with a request in JSON, names filled in as
  // Fill does; `response`, if not null, gets the answer.
  absl::Status Call(const std::string& method, const std::string& json,
                    google::protobuf::Message* response = nullptr);

  const std::string& fresh() const { return fresh_; }
  // Fills in the names that are known only now: $FRESH, $TAG, $PUSH_ID, $TOKEN,
  // $ERASURE, $OPERATION, $SNAPSHOT.
  std::string Fill(const std::string& text) const;

 private:
  absl::Status CallOn(const std::shared_ptr<grpc::Channel>& channel,
                      const std::string& method, const std::string& json,
                      google::protobuf::Message* response);
  // Call that ends the program when it fails.
  void Do(const std::string& method, const std::string& json,
          google::protobuf::Message* response = nullptr);
  void MakeRun();
  // No snapshot is being made, and one is there.
  void RestoreSnapshot();

  void DoAsOperator(const std::string& method, const std::string& json,
                    google::protobuf::Message* response = nullptr);

  TestServer& server_;
  const std::shared_ptr<grpc::Channel> of_operator_;
  int restorations_ = 0;
  std::string fresh_;
  std::string tag_;
  std::string push_id_;
  std::string token_;
  std::string erasure_;
  std::string operation_;
  std::string snapshot_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_TEST_WORLD_H_
