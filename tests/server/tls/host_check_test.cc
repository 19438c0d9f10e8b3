// What decides who may reach the listeners: hosts, exposure, forwarded names.
#include "server/http/host_check.h"

#include "gtest/gtest.h"
#include "server/exposure.h"
#include "server/http/peer_metadata.h"
#include "server/identity/access_gate.h"
#include "server/identity/certificate_caller.h"

namespace gradmatch {
namespace {

TEST(HostCheckTest, OnlyThisMachineAndNamedHosts) {
  const std::vector<std::string> names = {"api.example.cn"};
  for (const char* host :
       {"", "127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]",
        "[::1]:8080", "api.example.cn", "API.example.cn:443"}) {
    EXPECT_TRUE(CheckHost(host, names).ok()) << host;
  }
  for (const char* host :
       {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080",
        "evil.example:127", "0.0.0.0", "[::2]", "10.0.0.1", "api.example.cn.",
        "localhost@evil", "127.0.0.1 evil", ":8080"}) {
    EXPECT_EQ(CheckHost(host, names).code(),
              absl::StatusCode::kPermissionDenied)
        << host;
  }
}

TEST(PeerMetadataTest, AnUnreadableNameIsNeverLeftOut) {
  const std::string good = "spiffe://gradmatch/platform";
  for (const std::string& bad :
       {std::string("spiffe://gradmatch/source/x\n"), std::string("a\0b", 3),
        std::string(5'000, 'a'), std::string()}) {
    std::vector<std::string> arrived;
    for (const auto& [key, value] : PeerMetadata({good, bad})) {
      EXPECT_EQ(key, kPeerUriHeader);
      arrived.push_back(value);
    }
    ASSERT_EQ(arrived.size(), 2);
    EXPECT_EQ(arrived[0], good);
    EXPECT_FALSE(CallerOfCertificate(arrived, "gradmatch").ok());
  }
  EXPECT_TRUE(PeerMetadata({}).empty());
}

struct ExposureCase {
  const char* name;
  std::vector<std::pair<std::string, std::string>> settings;
  std::string unsafe;   // option that is named; empty: all is well
  std::string advised;  // in what is allowed
};

TEST(ExposureTest, NetworksNeedTlsAndIdentities) {
  const std::vector<std::pair<std::string, std::string>> tls = {
      {"tls.certificate_file", "c"}, {"tls.key_file", "k"}};
  const auto with =
      [](std::vector<std::pair<std::string, std::string>> a,
         const std::vector<std::pair<std::string, std::string>>& b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
      };
  const std::pair<std::string, std::string> grpc = {"server.grpc_listen",
                                                    "0.0.0.0:50051"};
  const std::pair<std::string, std::string> http = {"server.http_listen",
                                                    "[::]:8080"};
  const std::pair<std::string, std::string> ca = {"tls.client_ca_file", "a"};
  const std::pair<std::string, std::string> tokens = {"auth.mode", "tokens"};
  const std::pair<std::string, std::string> mtls = {"auth.mode", "mtls"};
  const std::pair<std::string, std::string> both = {"auth.mode", "both"};
  const std::pair<std::string, std::string> request = {
      "tls.client_certificates", "request"};
  const std::vector<ExposureCase> cases = {
      {"nothing set", {}, "", ""},
      {"tokens on loopback", {tokens}, "", ""},
      {"open to all", {grpc}, "server.grpc_listen", "tls.certificate_file"},
      {"open to all, says auth too", {grpc}, "server.grpc_listen", "auth.mode"},
      {"http open to all", {http}, "server.http_listen", "auth.mode"},
      {"tls alone", with(tls, {grpc}), "server.grpc_listen", "auth.mode"},
      {"tokens alone", {grpc, tokens}, "server.grpc_listen", "tls.key_file"},
      {"tls and tokens", with(tls, {grpc, http, tokens}), "", ""},
      {"tls and mtls", with(tls, {grpc, http, mtls, ca}), "", ""},
      {"mtls without ca", with(tls, {mtls}), "tls.client_ca_file", "mtls"},
      {"both without ca", with(tls, {both}), "tls.client_ca_file", "both"},
      {"mtls without tls", {mtls, ca}, "tls.client_ca_file", "tls.key_file"},
      {"key alone", {{"tls.key_file", "k"}}, "tls.certificate_file", "path"},
      {"certificate alone",
       {{"tls.certificate_file", "c"}},
       "tls.key_file",
       "path"},
      {"request without ca", with(tls, {request}), "tls.client_certificates",
       "tls.client_ca_file"},
      {"request under mtls", with(tls, {mtls, ca, request}),
       "tls.client_certificates", "require"},
      {"request under both", with(tls, {both, ca, request}), "", ""},
  };
  for (const ExposureCase& c : cases) {
    SCOPED_TRACE(c.name);
    OptionSources sources;
    for (const auto& [name, value] : c.settings) {
      sources.flags.push_back({name, value, "--set"});
    }
    const auto loaded = LoadOptions(sources);
    if (c.unsafe.empty()) {
      EXPECT_TRUE(loaded.ok()) << loaded.status();
      continue;
    }
    ASSERT_EQ(loaded.status().code(), absl::StatusCode::kInvalidArgument);
    const std::string message(loaded.status().message());
    EXPECT_EQ(message.find("option " + c.unsafe + " "), 0) << message;
    EXPECT_NE(message.find(c.advised), std::string::npos) << message;
  }
}

TEST(ExposureTest, CertificatesAreRequiredWhenNothingElseProvesACaller) {
  Options options;
  EXPECT_FALSE(RequiresClientCertificate(options));
  options.tls.client_ca_file = "a";
  EXPECT_FALSE(RequiresClientCertificate(options));
  options.auth.mode = "both";
  EXPECT_FALSE(RequiresClientCertificate(options));
  options.auth.mode = "mtls";
  EXPECT_TRUE(RequiresClientCertificate(options));
  options.auth.mode = "tokens";
  options.tls.client_certificates = "require";
  EXPECT_TRUE(RequiresClientCertificate(options));
}

TEST(CredentialsDirectoryTest, StandsAtTheBeginningOfAPath) {
  OptionSources sources;
  sources.file_path = "g.yaml";
  sources.file_text =
      "tls:\n  certificate_file: $CREDENTIALS_DIRECTORY/cert\n"
      "  key_file: ${CREDENTIALS_DIRECTORY}/key\n";
  const auto without = LoadOptions(sources);
  ASSERT_FALSE(without.ok());
  EXPECT_NE(std::string(without.status().message()).find("LoadCredential"),
            std::string::npos);
  sources.credentials_directory = "/run/credentials/g.service";
  const auto loaded = LoadOptions(sources);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->options.tls.certificate_file,
            "/run/credentials/g.service/cert");
  EXPECT_EQ(loaded->options.tls.key_file, "/run/credentials/g.service/key");
}

}  // namespace
}  // namespace gradmatch
