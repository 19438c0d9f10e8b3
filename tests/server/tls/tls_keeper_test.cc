#include "server/tls/tls_keeper.h"

#include <sys/stat.h>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "tests/server/tls/trial_folder.h"

namespace gradmatch {
namespace {

class TlsKeeperTest : public testing::Test {
 protected:
  TlsKeeperTest()
      : clock_(absl::Now()),
        log_(LogOptions{.format = "json"},
             [this](auto line) { lines_.emplace_back(line); }) {}

  std::unique_ptr<TlsKeeper> Open() {
    auto keeper = TlsKeeper::Open({.files = trial_.files()}, clock_, log_);
    EXPECT_TRUE(keeper.ok()) << keeper.status();
    return *std::move(keeper);
  }
  int Logged(const std::string& event) const {
    int count = 0;
    for (const std::string& line : lines_) {
      count += line.find("\"" + event + "\"") != std::string::npos;
    }
    return count;
  }

  TrialFolder trial_;
  ManualClock clock_;
  std::vector<std::string> lines_;
  Logger log_;
};

TEST_F(TlsKeeperTest, ABadFileAtTheStartIsRefused) {
  ::chmod(trial_.Path("server.key").c_str(), 0644);
  const auto keeper = TlsKeeper::Open({.files = trial_.files()}, clock_, log_);
  EXPECT_EQ(keeper.status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(TlsKeeperTest, GoodFilesComeIntoForceAndBadOnesDoNot) {
  const auto keeper = Open();
  const auto first = keeper->current();
  keeper->Check();
  EXPECT_EQ(keeper->current(), first);  // nothing changed, nothing read
  EXPECT_EQ(keeper->figures().reloads, 0);

  const IssuedCertificate next = trial_.IssueServer("server");
  keeper->Check();
  const auto second = keeper->current();
  EXPECT_NE(second, first);
  EXPECT_GT(second->number, first->number);
  EXPECT_EQ(second->material.certificate_pem, next.certificate_pem);
  EXPECT_EQ(keeper->figures().reloads, 1);

  trial_.Write("server.key", "rubbish");
  keeper->Check();
  EXPECT_EQ(keeper->current(), second);
  EXPECT_EQ(keeper->figures().failed_reloads, 1);
  keeper->Check();  // told once, not at every look
  EXPECT_EQ(keeper->figures().failed_reloads, 1);
  EXPECT_EQ(Logged("certificates_kept"), 1);

  trial_.Write("server.key", next.key_pem);
  keeper->Check();
  EXPECT_EQ(keeper->figures().reloads, 2);
  EXPECT_EQ(Logged("certificates_reloaded"), 2);
}

TEST_F(TlsKeeperTest, ASignalReadsUnchangedFilesToo) {
  const auto keeper = Open();
  keeper->Check(/*always=*/true);
  EXPECT_EQ(keeper->figures().reloads, 1);
}

TEST_F(TlsKeeperTest, AnExpiredSuccessorIsNotTaken) {
  const auto keeper = Open();
  const auto first = keeper->current();
  trial_.IssueServer("server", -absl::Seconds(1));
  keeper->Check();
  EXPECT_EQ(keeper->current(), first);
}

// It is valid for a day, so it warns from the start, once a day.
TEST_F(TlsKeeperTest, WarnsOnceADayAndSaysWhenItIsOver) {
  const auto keeper = Open();
  EXPECT_EQ(Logged("certificate_expires_soon"), 2);  // and the authority's
  keeper->Check();
  EXPECT_EQ(Logged("certificate_expires_soon"), 2);
  clock_.Advance(absl::Hours(25));
  keeper->Check();
  EXPECT_EQ(Logged("certificate_expires_soon"), 2);
  EXPECT_EQ(Logged("certificate_expired"), 2);
}

// Nothing of a key gets into the log, whatever is wrong with it.
TEST_F(TlsKeeperTest, TheKeyIsNeverLogged) {
  const auto keeper = Open();
  const std::string canary = "MIGHAgEAMBMGByqGSM49CANARY";
  trial_.Write("server.key", "-----BEGIN PRIVATE KEY-----\n" + canary +
                                 "\n-----END PRIVATE KEY-----\n");
  keeper->Check();
  for (const std::string& line : lines_) {
    EXPECT_EQ(line.find("CANARY"), std::string::npos);
  }
  EXPECT_EQ(keeper->figures().failed_reloads, 1);
}

}  // namespace
}  // namespace gradmatch
