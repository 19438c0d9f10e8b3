#include "server/identity/bootstrap.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "absl/strings/strip.h"
#include "index/file_system.h"
#include "tests/fakes/faulty_store.h"
#include "tests/fakes/in_memory_store.h"
#include "tests/fakes/temp_folder.h"

namespace gradmatch {
namespace {

class BootstrapTest : public testing::Test {
 protected:
  BootstrapTest() { Reopen(); }
  void Reopen() { tokens_ = *TokenStore::Open(disk_, clock_); }
  absl::StatusOr<bool> Write() {
    return WriteBootstrapToken(*tokens_, path_, folder_ / "data", clock_.Now());
  }
  std::string Bearer() {
    return std::string(absl::StripSuffix(*ReadFile(path_), "\n"));
  }

  TempFolder folder_;
  const std::string path_ = folder_ / "token";
  InMemoryStore disk_;
  ManualClock clock_{absl::FromUnixSeconds(1'700'000'000)};
  std::unique_ptr<TokenStore> tokens_;
};

TEST_F(BootstrapTest, WritesOneOperatorsTokenForItsOwnerOnly) {
  ASSERT_TRUE(*Write());
  struct stat facts;
  ASSERT_EQ(stat(path_.c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0600u);
  const auto caller = tokens_->Verify(Bearer());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->role, CallerRole::kOperator);
  const std::string first = Bearer();
  Reopen();
  EXPECT_FALSE(*Write()) << "it still works";
  EXPECT_EQ(Bearer(), first);
}

// The way back in: everything is over or lost, and somebody starts the server.
TEST_F(BootstrapTest, WritesAnewWhenNoOperatorsTokenWorks) {
  ASSERT_TRUE(*Write());
  const std::string first = Bearer();
  clock_.Advance(absl::Hours(8 * 24));
  ASSERT_TRUE(*Write());
  EXPECT_NE(Bearer(), first);
  EXPECT_TRUE(tokens_->Verify(Bearer()).ok());
  EXPECT_FALSE(tokens_->Verify(first).ok());
}

TEST_F(BootstrapTest, ANarrowedOperatorDoesNotCount) {
  v1::Token narrow;
  narrow.set_role(v1::Token::ROLE_OPERATOR);
  narrow.add_scopes("AdminService");
  ASSERT_TRUE(tokens_->Create("narrow", narrow).ok());
  EXPECT_TRUE(*Write());
}

TEST_F(BootstrapTest, LeavesWhatIsNoTokenAlone) {
  ASSERT_TRUE(WriteFileDurably(path_, "my thesis").ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Write().status()));
  EXPECT_EQ(*ReadFile(path_), "my thesis");
  EXPECT_TRUE(tokens_->List("", 10).empty());
}

TEST_F(BootstrapTest, IsNeverInTheDataFolder) {
  const std::string data = folder_ / "data";
  for (const std::string& inside :
       {data + "/token", data + "/a/../token", data + "/sub/token"}) {
    const auto made = WriteBootstrapToken(*tokens_, inside, data, clock_.Now());
    EXPECT_TRUE(absl::IsFailedPrecondition(made.status())) << inside;
  }
  EXPECT_EQ(BootstrapFile("", "/var/lib/gradmatch/data/"),
            "/var/lib/gradmatch/data.operator-token");
  EXPECT_EQ(BootstrapFile("/x", "data"), "/x");
}

// No token that nobody can have: a file that cannot be written leaves none; a
// token that cannot be stored leaves a file that the next start replaces.
TEST_F(BootstrapTest, HalfAStartIsMadeGoodByTheNext) {
  const auto no_folder = WriteBootstrapToken(*tokens_, folder_ / "no/token",
                                             folder_ / "data", clock_.Now());
  EXPECT_FALSE(no_folder.ok());
  EXPECT_TRUE(tokens_->List("", 10).empty());

  FaultyStore failing(disk_, 1);
  auto broken = *TokenStore::Open(failing, clock_);
  EXPECT_FALSE(
      WriteBootstrapToken(*broken, path_, folder_ / "data", clock_.Now()).ok());
  const std::string dead = Bearer();
  EXPECT_FALSE(tokens_->Verify(dead).ok());
  EXPECT_TRUE(*Write());
  EXPECT_TRUE(tokens_->Verify(Bearer()).ok());
}

}  // namespace
}  // namespace gradmatch
