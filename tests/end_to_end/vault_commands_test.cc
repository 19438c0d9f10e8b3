// Seal keys, staff and the audit as an operator handles them.

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/end_to_end/server_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class VaultCommandsTest : public ServerFixture {};

TEST_F(VaultCommandsTest, SealKeysAreMadeRotatedAndPrunedWithoutBeingShown) {
  EXPECT_EQ(Shell("gradmatch seal-key new k").code, 0);
  EXPECT_EQ(Shell("stat -c %a k").output, "400\n");
  const std::string key = Text("k").substr(22 + 17, 64);
  EXPECT_NE(Shell("gradmatch seal-key new k").code, 0);
  EXPECT_EQ(Text("k").substr(22 + 17, 64), key);
  EXPECT_THAT(Shell("gradmatch seal-key show k").output,
              AllOf(HasSubstr("密钥数：1"), Not(HasSubstr(key))));
  EXPECT_EQ(Shell("gradmatch seal-key rotate k").code, 0);
  EXPECT_THAT(Shell("gradmatch seal-key show k").output,
              HasSubstr("密钥数：2"));
  EXPECT_EQ(Shell("gradmatch seal-key prune k").code, 0);
  EXPECT_THAT(Text("k"), Not(HasSubstr(key)));
  EXPECT_EQ(Shell("chmod 644 k; gradmatch seal-key show k").code, 65);
}

TEST_F(VaultCommandsTest, StaffAndAuditFromTheCommandLine) {
  ASSERT_NO_FATAL_FAILURE(Start());
  EXPECT_THAT(Shell("gradmatch audit list").output, HasSubstr("(none)"));
  EXPECT_THAT(
      Shell("gradmatch staff add t-1 --school 4144010558 --class c1").output,
      HasSubstr("staff/t-1"));
  // What is not named stays.
  EXPECT_THAT(Shell("gradmatch staff add t-1 --class c2 --class c3").output,
              AllOf(HasSubstr("4144010558"), HasSubstr("c3"),
                    HasSubstr("KIND_COUNSELLOR")));
  EXPECT_THAT(Shell("gradmatch staff list").output, HasSubstr("c2 c3"));
  EXPECT_EQ(Shell("gradmatch staff show t-1").code, 0);
  const Ran digest = Shell("gradmatch staff digest t-1 none");
  EXPECT_NE(digest.code, 0);
  EXPECT_THAT(digest.output, HasSubstr("pushRuns/none"));
  EXPECT_NE(
      Shell("gradmatch staff recommend t-1 nobody sources/s/postings/p").code,
      0);
  EXPECT_THAT(
      Shell("gradmatch audit list --method StaffService.GetStaffDigest").output,
      AllOf(HasSubstr("staff/t-1/digests/none"),
            HasSubstr("PUSH_RUN_NOT_FOUND")));

  // An anchor of today finds tomorrow whether today was changed.
  const Ran verified = Shell("gradmatch audit verify --output jsonl");
  ASSERT_EQ(verified.code, 0) << verified.output;
  const size_t at = verified.output.find("\"anchor\": \"") + 11;
  const std::string anchor =
      verified.output.substr(at, verified.output.find('"', at) - at);
  EXPECT_NE(Shell("gradmatch staff digest t-1 none").code, 0);
  EXPECT_EQ(Shell("gradmatch audit verify --anchor " + anchor).code, 0);
  std::string other = anchor;
  other.back() = other.back() == '0' ? '1' : '0';
  EXPECT_THAT(Shell("gradmatch audit verify --anchor " + other).output,
              HasSubstr("整条链可能被重写"));
  EXPECT_THAT(Shell("gradmatch audit verify --anchor 999" +
                    anchor.substr(anchor.find(':')))
                  .output,
              HasSubstr("末尾的记录缺失"));
  EXPECT_EQ(Shell("gradmatch staff delete t-1").code, 0);
  EXPECT_NE(Shell("gradmatch staff show t-1").code, 0);
}

}  // namespace
}  // namespace gradmatch
