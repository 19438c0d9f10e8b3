#include "server/tls/tls_files.h"

#include <sys/stat.h>

#include <functional>

#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/tls/certificates.h"
#include "tests/server/tls/trial_folder.h"

namespace gradmatch {
namespace {

TEST(TlsFilesTest, ReadsWhatIsUsable) {
  TrialFolder trial;
  const absl::Time now = absl::Now();
  const auto material = ReadTlsFiles(trial.files(), now);
  ASSERT_TRUE(material.ok()) << material.status();
  EXPECT_GT(material->not_after, now + absl::Hours(23));
  EXPECT_LT(material->not_after, now + absl::Hours(25));
  EXPECT_LT(material->client_ca_not_after, now + absl::Hours(25));
  const auto alone = ReadTlsFiles(trial.files(/*clients=*/false), now);
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->client_ca_not_after, absl::InfiniteFuture());
}

struct BadFile {
  const char* name;
  std::function<void(TrialFolder&)> spoil;
  std::string file;  // which is named
  std::string why;
};

TEST(TlsFilesTest, RefusalsNameTheFileAndTheReason) {
  const std::vector<BadFile> cases = {
      {"no certificate",
       [](TrialFolder& t) { ::unlink(t.Path("server.pem").c_str()); },
       "tls.certificate_file", "No such file"},
      {"certificate is rubbish",
       [](TrialFolder& t) { t.Write("server.pem", "rubbish"); },
       "tls.certificate_file", "no certificate"},
      {"certificate is empty",
       [](TrialFolder& t) { t.Write("server.pem", ""); },
       "tls.certificate_file", "no certificate"},
      {"certificate is cut",
       [](TrialFolder& t) {
         const std::string pem = t.IssueServer("server").certificate_pem;
         t.Write("server.pem", pem.substr(0, pem.size() / 2));
       },
       "tls.certificate_file", "parse"},
      {"certificate is a folder",
       [](TrialFolder& t) {
         ::unlink(t.Path("server.pem").c_str());
         ::mkdir(t.Path("server.pem").c_str(), 0700);
       },
       "tls.certificate_file", "no plain file"},
      {"certificate is over",
       [](TrialFolder& t) { t.IssueServer("server", -absl::Seconds(5)); },
       "tls.certificate_file", "expired"},
      {"signer's certificate in the chain is over",
       [](TrialFolder& t) {
         const std::string leaf = t.IssueServer("server").certificate_pem;
         const std::string key = t.Path("server.key");
         t.Write("server.pem",
                 leaf + t.IssueServer("x", -absl::Seconds(5)).certificate_pem);
       },
       "tls.certificate_file", "expired"},
      {"key of another",
       [](TrialFolder& t) {
         t.Write("server.key", t.IssueServer("other").key_pem);
       },
       "tls.key_file", "another certificate"},
      {"key is a certificate",
       [](TrialFolder& t) {
         t.Write("server.key", t.authority().certificate_pem);
       },
       "tls.key_file", "no private key"},
      {"key is encrypted",
       [](TrialFolder& t) {
         t.Write("server.key",
                 "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n"
                 "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
                 "-----END RSA PRIVATE KEY-----\n");
       },
       "tls.key_file", "encrypted"},
      {"key may be read by the group",
       [](TrialFolder& t) { ::chmod(t.Path("server.key").c_str(), 0640); },
       "tls.key_file", "0640"},
      {"key may be read by all",
       [](TrialFolder& t) { ::chmod(t.Path("server.key").c_str(), 0604); },
       "tls.key_file", "chmod 400"},
      {"no authority",
       [](TrialFolder& t) { ::unlink(t.Path("ca.pem").c_str()); },
       "tls.client_ca_file", "No such file"},
      {"authority is a caller",
       [](TrialFolder& t) {
         t.Write("ca.pem", t.IssueClient("c", {}).certificate_pem);
       },
       "tls.client_ca_file", "may sign"},
  };
  for (const BadFile& c : cases) {
    SCOPED_TRACE(c.name);
    TrialFolder trial;
    c.spoil(trial);
    const auto material = ReadTlsFiles(trial.files(), absl::Now());
    ASSERT_EQ(material.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(material.status().message());
    EXPECT_EQ(message.find(c.file), 0) << message;
    EXPECT_NE(message.find(c.why), std::string::npos) << message;
    EXPECT_NE(message.find("/gradmatch_test_"), std::string::npos) << message;
  }
}

TEST(TlsFilesTest, TimeDecidesAloneAtBothEnds) {
  TrialFolder trial;
  const auto infos =
      ReadCertificates(trial.IssueServer("server").certificate_pem);
  ASSERT_TRUE(infos.ok());
  const absl::Time begin = infos->front().not_before;
  const absl::Time end = infos->front().not_after;
  const std::pair<absl::Time, bool> cases[] = {
      {begin - absl::Seconds(1), false},
      {begin, true},
      {end - absl::Seconds(1), true},
      {end, false},
  };
  for (const auto& [now, usable] : cases) {
    EXPECT_EQ(ReadTlsFiles(trial.files(false), now).ok(), usable)
        << now << " of " << begin << " to " << end;
  }
}

// While authorities are exchanged the old one may end first.
TEST(TlsFilesTest, OneValidAuthorityIsEnough) {
  TrialFolder trial;
  CertificateRequest over;
  over.name = "over";
  over.use = CertificateRequest::Use::kAuthority;
  over.not_before = absl::Now() - absl::Hours(2);
  over.not_after = absl::Now() - absl::Hours(1);
  const auto old = IssueCertificate(over);
  ASSERT_TRUE(old.ok());
  trial.Write("ca.pem",
              old->certificate_pem + trial.authority().certificate_pem);
  EXPECT_TRUE(ReadTlsFiles(trial.files(), absl::Now()).ok());
  trial.Write("ca.pem", old->certificate_pem);
  const auto refused = ReadTlsFiles(trial.files(), absl::Now());
  EXPECT_NE(refused.status().ToString().find("expired"), std::string::npos);
}

TEST(TlsFilesTest, SignatureFollowsReplacingRightsAndLinks) {
  TrialFolder trial;
  const std::string before = FilesSignature(trial.files());
  EXPECT_EQ(FilesSignature(trial.files()), before);
  ::chmod(trial.Path("server.key").c_str(), 0640);
  const std::string shown = FilesSignature(trial.files());
  EXPECT_NE(shown, before);
  trial.IssueServer("server");
  EXPECT_NE(FilesSignature(trial.files()), shown);
  ::unlink(trial.Path("ca.pem").c_str());
  ASSERT_EQ(::symlink("server.pem", trial.Path("ca.pem").c_str()), 0);
  const std::string linked = FilesSignature(trial.files());
  trial.Write("server.pem", "x");
  EXPECT_NE(FilesSignature(trial.files()), linked);
}

TEST(CertificatesTest, NamesAreRead) {
  TrialFolder trial;
  CertificateRequest request;
  request.name = "n";
  request.not_before = absl::UnixEpoch();
  request.not_after = absl::FromUnixSeconds(4'000'000'000);  // past 2038
  request.dns_names = {"a.example", "b.example"};
  request.ip_addresses = {"10.0.0.1", "::1"};
  request.uris = {"spiffe://gradmatch/source/hubei", "https://a,b"};
  const auto infos =
      ReadCertificates(trial.Issue("n", request).certificate_pem);
  ASSERT_TRUE(infos.ok());
  ASSERT_EQ(infos->size(), 1);
  EXPECT_EQ(infos->front().dns_names, request.dns_names);
  EXPECT_EQ(infos->front().ip_addresses, request.ip_addresses);
  EXPECT_EQ(infos->front().uris, request.uris);
  EXPECT_EQ(infos->front().not_before, request.not_before);
  EXPECT_EQ(infos->front().not_after, request.not_after);
  EXPECT_FALSE(infos->front().is_authority);
}

}  // namespace
}  // namespace gradmatch
