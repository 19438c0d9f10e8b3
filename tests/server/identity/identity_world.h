#ifndef GRADMATCH_TESTS_SERVER_IDENTITY_IDENTITY_WORLD_H_
#define GRADMATCH_TESTS_SERVER_IDENTITY_IDENTITY_WORLD_H_

#include <map>
#include <memory>
#include <string>

#include "gradmatch/v1/token_service.pb.h"
#include "tests/fakes/temp_folder.h"
#include "tests/server/test_server.h"
#include "tests/server/test_world.h"

namespace gradmatch {

// A TestWorld on a server that asks who calls, with what its callers need:
//
//   sources/other            a source beside gd, without postings
//   contents/gd.c-1          content of gd's own
//   staff/s-3                looks after another school than s-1
//   graduates/g-elsewhere    of that school
//   $RECALL                  an operation that measures recall
class IdentityWorld {
 public:
  // `settings` beside auth.mode tokens.
  explicit IdentityWorld(const TestServer::Settings& settings = {});
  ~IdentityWorld();

  TestServer& server() { return *server_; }
  TestWorld& world() { return *world_; }

  // A token that is made at the first call: "platform", "source" (of gd),
  // "staff" (s-1), "other source", "other staff" (s-3), "operator",
  // "scientist", "viewer". Others end the program.
  const std::string& Bearer(const std::string& who);
  // A new one; ends the program if it cannot be made.
  v1::IssuedToken Issue(const v1::Token& token, const std::string& id = "");
  // The token that `who` has, made anew.
  v1::Token TokenOf(const std::string& who) const;
  std::shared_ptr<grpc::Channel> ChannelOf(const std::string& who) {
    return server_->ChannelWith(Bearer(who));
  }

  // TestWorld::Restore, and what is above.
  void Restore();
  // TestWorld::Fill, and $RECALL.
  std::string Fill(const std::string& text) const;

  // Where the server wrote its first operator's token, and what it was.
  std::string bootstrap_file() const { return folder_ / "operator-token"; }
  const std::string& bootstrap() const { return bootstrap_; }

 private:
  void Do(const std::string& method, const std::string& json,
          google::protobuf::Message* response = nullptr);

  TempFolder folder_;
  std::unique_ptr<TestServer> server_;
  std::string bootstrap_;
  std::map<std::string, std::string> bearers_;
  std::unique_ptr<TestWorld> world_;
  std::string recall_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_IDENTITY_IDENTITY_WORLD_H_
