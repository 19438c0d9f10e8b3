#include "server/identity/certificate_caller.h"

#include "gtest/gtest.h"

namespace gradmatch {
namespace {

struct GoodCase {
  std::vector<std::string> uris;
  CallerRole role;
  std::string tenant;
  std::string principal;
};

TEST(CertificateCallerTest, TakesOneCallerOfOurDomain) {
  const GoodCase cases[] = {
      {{"spiffe://gradmatch/platform"},
       CallerRole::kPlatform,
       "",
       "cert/spiffe://gradmatch/platform"},
      {{"spiffe://gradmatch/source/hubei"},
       CallerRole::kSource,
       "hubei",
       "cert/spiffe://gradmatch/source/hubei"},
      {{"spiffe://gradmatch/operator"},
       CallerRole::kOperator,
       "",
       "cert/spiffe://gradmatch/operator"},
      {{"spiffe://gradmatch/staff/S-1.a~b"},
       CallerRole::kStaff,
       "S-1.a~b",
       "cert/spiffe://gradmatch/staff/S-1.a~b"},
      {{"spiffe://gradmatch/scientist"},
       CallerRole::kScientist,
       "",
       "cert/spiffe://gradmatch/scientist"},
      {{"spiffe://gradmatch/viewer"},
       CallerRole::kViewer,
       "",
       "cert/spiffe://gradmatch/viewer"},
      // Somebody else's names beside ours.
      {{"https://example.cn/a", "spiffe://other/platform",
        "spiffe://gradmatch.example/platform", "spiffe://gradmatch/viewer"},
       CallerRole::kViewer,
       "",
       "cert/spiffe://gradmatch/viewer"},
  };
  for (const GoodCase& c : cases) {
    const auto caller = CallerOfCertificate(c.uris, "gradmatch");
    ASSERT_TRUE(caller.ok()) << c.principal << caller.status();
    EXPECT_EQ(caller->role, c.role);
    EXPECT_EQ(caller->tenant, c.tenant);
    EXPECT_EQ(caller->principal, c.principal);
  }
}

TEST(CertificateCallerTest, RefusesEverythingElse) {
  const std::string long_id(3'000, 'a');
  const std::vector<std::vector<std::string>> cases = {
      {},
      {""},
      {"spiffe://other/platform"},
      {"https://gradmatch/platform"},
      {"spiffe:/gradmatch/platform"},
      {"spiffe://gradmatch"},
      {"spiffe://gradmatch/"},
      {"spiffe://gradmatch//platform"},
      {"spiffe://gradmatch/platform/"},
      {"spiffe://gradmatch/platform/x"},
      {"spiffe://gradmatch/viewer/"},
      {"spiffe://gradmatch/Platform"},
      {"spiffe://gradmatch/root"},
      {"spiffe://gradmatch/source"},
      {"spiffe://gradmatch/source/"},
      {"spiffe://gradmatch/source//hubei"},
      {"spiffe://gradmatch/source/hubei/"},
      {"spiffe://gradmatch/source/hubei/x"},
      {"spiffe://gradmatch/source/Hubei"},
      {"spiffe://gradmatch/source/hu%62ei"},
      {"spiffe://gradmatch/source/.."},
      {"spiffe://gradmatch/source/../platform"},
      {"spiffe://gradmatch/./platform"},
      {"spiffe://gradmatch/source/-hubei"},
      {"spiffe://gradmatch/source/hubei?x=1"},
      {"spiffe://gradmatch/platform?x=1"},
      {"spiffe://gradmatch/platform#x"},
      {"spiffe://gradmatch?/platform"},
      {"spiffe://gradmatch:443/platform"},
      {"spiffe://a@gradmatch/platform"},
      {"spiffe://other@gradmatch/platform"},
      {"SPIFFE://gradmatch/platform"},
      {"spiffe://GradMatch/platform"},
      {"spiffe://gradmatch/source/湖北"},
      {std::string("spiffe://gradmatch/source/hubei\0x", 33)},
      {std::string("spiffe://gradmatch/platform\0", 28)},
      {"spiffe://gradmatch/platform\n"},
      {" spiffe://gradmatch/platform"},
      {"spiffe://gradmatch/source/" + long_id},
      // Two of ours, also twice the same, also one that is not well written.
      {"spiffe://gradmatch/platform", "spiffe://gradmatch/source/hubei"},
      {"spiffe://gradmatch/platform", "spiffe://gradmatch/platform"},
      {"spiffe://gradmatch/platform", "SPIFFE://GRADMATCH/viewer"},
      {"spiffe://gradmatch/platform", "spiffe://gradmatch:1/viewer"},
      // One that cannot be read leaves nothing to be sure of.
      {"spiffe://gradmatch/platform", "not readable"},
      {"spiffe://gradmatch/platform", std::string("https://a\0b", 11)},
  };
  for (const auto& uris : cases) {
    const auto caller = CallerOfCertificate(uris, "gradmatch");
    EXPECT_EQ(caller.status().code(), absl::StatusCode::kUnauthenticated)
        << testing::PrintToString(uris);
  }
}

// What a hostile certificate says is not repeated byte for byte.
TEST(CertificateCallerTest, ErrorsArePrintableAndShort) {
  const auto caller = CallerOfCertificate(
      {"spiffe://gradmatch/\x1b[31m" + std::string(1'000, 'x')}, "gradmatch");
  const std::string message(caller.status().message());
  EXPECT_EQ(message.find('\x1b'), std::string::npos);
  EXPECT_LT(message.size(), 600);
}

}  // namespace
}  // namespace gradmatch
