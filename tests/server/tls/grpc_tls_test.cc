// The gRPC listener over TLS.
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/mutex.h"
#include "server/gate.h"
#include "server/identity/certificate_caller.h"
#include "server/tls/tls_session.h"
#include "tests/server/test_server.h"
#include "tests/server/tls/tls_client.h"
#include "tests/server/tls/trial_folder.h"

namespace gradmatch {
namespace {

const std::vector<std::string> kPlatform = {"spiffe://gradmatch/platform"};

template <typename Holds>
bool Eventually(Holds holds) {
  for (int i = 0; i < 2'000; ++i) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return false;
}

// Lets in whom its certificate names.
class CertificateGate final : public Gate {
 public:
  absl::StatusOr<Caller> Identify(
      const grpc::ServerContextBase& context) const override {
    return CallerOfCertificate(UriSansOf(context), "gradmatch");
  }
  absl::Status Admit(const Caller& caller, std::string_view) const override {
    MutexLock lock(mu_);
    last_ = caller;
    return absl::OkStatus();
  }
  absl::Status Authorize(const Caller&, std::string_view,
                         const google::protobuf::Message&) const override {
    return absl::OkStatus();
  }
  Caller last() const {
    MutexLock lock(mu_);
    return last_;
  }

 private:
  mutable Mutex mu_;
  mutable Caller last_ ABSL_GUARDED_BY(mu_);
};

class GrpcTlsTest : public testing::Test {
 protected:
  void Start(TestServer::Settings more = {}, bool clients = true) {
    for (const auto& [name, value] : trial_.settings(clients)) {
      more.emplace(name, value);
    }
    server_.emplace(more);
  }
  int64_t started() {
    return server_->server().runtime().counters.started.load();
  }
  // One call on a connection of its own.
  absl::Status Call(const std::string& ca_pem,
                    const IssuedCertificate* certificate) {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = ca_pem;
    if (certificate != nullptr) {
      options.pem_cert_chain = certificate->certificate_pem;
      options.pem_private_key = certificate->key_pem;
    }
    return CallWith(grpc::SslCredentials(options));
  }
  absl::Status CallWith(
      const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    const auto stub = v1::SourceService::NewStub(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", server_->server().port()), credentials,
        arguments));
    v1::ListSourcesResponse response;
    return server_->Call(stub, &v1::SourceService::Stub::ListSources,
                         v1::ListSourcesRequest(), response);
  }
  const std::string& ca() const { return trial_.authority().certificate_pem; }

  TrialFolder trial_;
  std::optional<TestServer> server_;
};

TEST_F(GrpcTlsTest, ServesCallersWithoutCertificateWhereNoneIsAskedFor) {
  Start({}, /*clients=*/false);
  EXPECT_TRUE(Call(ca(), nullptr).ok());
  EXPECT_EQ(Call(TrialFolder().authority().certificate_pem, nullptr).code(),
            absl::StatusCode::kUnavailable);
}

// Strangers reach no handler, whatever they lack.
TEST_F(GrpcTlsTest, OnlyVerifiedCertificatesGetInUnderMtls) {
  Start({{"auth.mode", "mtls"}});
  const std::vector<std::string>& uris = kPlatform;
  const IssuedCertificate good = trial_.IssueClient("good", uris);
  const IssuedCertificate expired =
      trial_.IssueClient("expired", uris, -absl::Seconds(1));
  const IssuedCertificate foreign = TrialFolder().IssueClient("f", uris);
  const IssuedCertificate server = trial_.IssueServer("other_use");
  const std::pair<const char*, const IssuedCertificate*> strangers[] = {
      {"none", nullptr},
      {"expired", &expired},
      {"foreign", &foreign},
      {"a server's", &server}};
  for (const auto& [name, certificate] : strangers) {
    EXPECT_EQ(Call(ca(), certificate).code(), absl::StatusCode::kUnavailable)
        << name;
  }
  EXPECT_EQ(CallWith(grpc::InsecureChannelCredentials()).code(),
            absl::StatusCode::kUnavailable);
  TlsClient old(
      server_->server().port(),
      {.certificate = &good, .max_version = TLS1_1_VERSION, .alpn = "h2"});
  EXPECT_FALSE(old.connected());
  EXPECT_EQ(started(), 0);
  EXPECT_TRUE(Call(ca(), &good).ok());
  EXPECT_EQ(started(), 1);
}

TEST_F(GrpcTlsTest, TheGateSeesWhomTheCertificateNames) {
  Start({{"auth.mode", "mtls"}});
  const CertificateGate gate;
  server_->server().runtime().SetGate(gate);
  const IssuedCertificate hubei = trial_.IssueClient(
      "hubei", {"https://example.cn/x", "spiffe://gradmatch/source/hubei"});
  EXPECT_TRUE(Call(ca(), &hubei).ok());
  EXPECT_EQ(gate.last().tenant, "hubei");
  EXPECT_EQ(gate.last().role, CallerRole::kSource);
  EXPECT_EQ(gate.last().principal, "cert/spiffe://gradmatch/source/hubei");
  // The name that people read does not count.
  CertificateRequest by_name;
  by_name.name = "spiffe://gradmatch/platform";
  by_name.not_before = absl::Now() - absl::Hours(1);
  by_name.not_after = absl::Now() + absl::Hours(1);
  const IssuedCertificate nameless = trial_.Issue("nameless", by_name);
  EXPECT_EQ(Call(ca(), &nameless).code(), absl::StatusCode::kUnauthenticated);
  server_->Stop();
}

TEST_F(GrpcTlsTest, CertificatesChangeWithoutARestartAndBadOnesDoNot) {
  Start({{"auth.mode", "mtls"}, {"tls.reload_interval", "10ms"}});
  const IssuedCertificate old_client = trial_.IssueClient("old", kPlatform);
  ASSERT_TRUE(Call(ca(), &old_client).ok());

  // A certificate without its key, then rubbish: the old ones stay in force.
  const TrialFolder other;
  const auto failed = [&] {
    int count = 0;
    for (const std::string& line : server_->log_lines()) {
      count += line.find("certificates_kept") != std::string::npos;
    }
    return count;
  };
  const IssuedCertificate server_2 = TrialFolder().IssueServer("server");
  trial_.Write("server.pem", server_2.certificate_pem);
  EXPECT_TRUE(Eventually([&] { return failed() == 1; }));
  EXPECT_TRUE(Call(ca(), &old_client).ok());
  trial_.Write("ca.pem", "rubbish");
  EXPECT_TRUE(Eventually([&] { return failed() == 2; }));
  EXPECT_TRUE(Call(ca(), &old_client).ok());

  // All of another authority's.
  const IssuedCertificate new_client = [&] {
    return const_cast<TrialFolder&>(other).IssueClient("new", kPlatform);
  }();
  const IssuedCertificate new_server =
      const_cast<TrialFolder&>(other).IssueServer("server");
  trial_.Write("ca.pem", other.authority().certificate_pem);
  trial_.Write("server.pem", new_server.certificate_pem);
  trial_.Write("server.key", new_server.key_pem);
  EXPECT_TRUE(Eventually([&] {
    return Call(other.authority().certificate_pem, &new_client).ok();
  }));
  EXPECT_FALSE(Call(other.authority().certificate_pem, &old_client).ok());
  EXPECT_FALSE(Call(ca(), &old_client).ok());
}

TEST_F(GrpcTlsTest, HalfOpenHandshakesAreClosed) {
  Start({{"auth.mode", "mtls"}, {"tls.handshake_timeout", "300ms"}});
  const std::string hello = TlsClientHello();
  std::vector<int> halves;
  for (int i = 0; i < 200; ++i) {
    const int fd = ConnectPlain(server_->server().port());
    ASSERT_GE(fd, 0);
    const size_t sent = i % 3 == 0 ? 0 : i % 3 == 1 ? hello.size() / 2 : 1;
    ASSERT_EQ(send(fd, hello.data(), sent, MSG_NOSIGNAL), sent);
    halves.push_back(fd);
  }
  for (const int fd : halves) {
    EXPECT_TRUE(ClosedByPeer(fd));
    close(fd);
  }
  EXPECT_EQ(started(), 0);
  // A busy machine may need more than the limit for one of ours.
  const IssuedCertificate good = trial_.IssueClient("good", kPlatform);
  EXPECT_TRUE(Eventually([&] { return Call(ca(), &good).ok(); }));
}

}  // namespace
}  // namespace gradmatch
