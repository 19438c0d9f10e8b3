// The HTTP listener over TLS: who gets in, who does not, and what those cost
// who do not get on.
#include <dirent.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "server/tls/tls_session.h"
#include "tests/server/test_server.h"
#include "tests/server/tls/tls_client.h"
#include "tests/server/tls/trial_folder.h"

namespace gradmatch {
namespace {

int OpenFiles() {
  int count = 0;
  DIR* folder = opendir("/proc/self/fd");
  while (readdir(folder) != nullptr) ++count;
  closedir(folder);
  return count;
}

// Until `holds`, for at most 20 s.
template <typename Holds>
bool Eventually(Holds holds) {
  for (int i = 0; i < 2'000; ++i) {
    if (holds()) return true;
    absl::SleepFor(absl::Milliseconds(10));
  }
  return false;
}

TestServer::Settings With(TestServer::Settings settings,
                          const TestServer::Settings& more) {
  for (const auto& [name, value] : more) settings[name] = value;
  return settings;
}

class HttpsTest : public testing::Test {
 protected:
  int port() { return server_->server().http_port(); }
  int64_t started() {
    return server_->server().runtime().counters.started.load();
  }
  void Start(const TestServer::Settings& more = {}, bool clients = true) {
    server_.emplace(With(trial_.settings(clients), more));
  }
  TlsClient::Settings Trusting() const {
    return {.ca_pem = trial_.authority().certificate_pem};
  }

  TrialFolder trial_;
  std::optional<TestServer> server_;
};

TEST_F(HttpsTest, AnswersOverBothVersionsAndKeepsTheConnection) {
  Start({}, /*clients=*/false);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient::Settings settings = Trusting();
    settings.min_version = settings.max_version = version;
    TlsClient client(port(), settings);
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.protocol(), "http/1.1");
    EXPECT_EQ(client.version(),
              version == TLS1_2_VERSION ? "TLSv1.2" : "TLSv1.3");
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE(client.Get("/v1/sources").starts_with("HTTP/1.1 200 "));
    }
  }
  EXPECT_EQ(started(), 6);
}

TEST_F(HttpsTest, AnswersCallersOfOldThatOfferNoProtocol) {
  Start();
  TlsClient::Settings settings = Trusting();
  settings.alpn = "";
  TlsClient client(port(), settings);
  EXPECT_TRUE(client.Get("/healthz").starts_with("HTTP/1.1 200 "));
}

struct Stranger {
  std::string name;
  int version = 0;  // at most; 0: the newest
  std::string alpn = "http/1.1";
  std::string certificate = "none";  // none, other_ca, expired, server, good
  bool let_in = false;
};
class StrangerTest : public HttpsTest,
                     public testing::WithParamInterface<Stranger> {};

// Every stranger, against a server that wants certificates; and one friend.
TEST_P(StrangerTest, ReachesNoHandler) {
  Start({{"auth.mode", "mtls"}});
  const TrialFolder other;
  IssuedCertificate certificate;
  const std::string& kind = GetParam().certificate;
  const std::vector<std::string> uris = {"spiffe://gradmatch/platform"};
  if (kind == "expired") {
    certificate = trial_.IssueClient("caller", uris, -absl::Seconds(1));
  } else if (kind == "other_ca") {
    certificate = TrialFolder().IssueClient("caller", uris);
  } else if (kind == "server") {  // signed well, but for another use
    certificate = trial_.IssueServer("caller");
  } else {
    certificate = trial_.IssueClient("caller", uris);
  }
  TlsClient::Settings settings = Trusting();
  settings.max_version = GetParam().version;
  settings.alpn = GetParam().alpn;
  if (kind != "none") settings.certificate = &certificate;
  TlsClient client(port(), settings);
  const std::string answer = client.Get("/v1/sources");
  if (GetParam().let_in) {
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_EQ(started(), 1);
  } else {
    EXPECT_EQ(answer, "");
    EXPECT_EQ(started(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, StrangerTest,
    testing::ValuesIn<Stranger>(
        {{.name = "WithoutCertificate"},
         {.name = "WithoutCertificateTls12", .version = TLS1_2_VERSION},
         {.name = "OfAnotherAuthority", .certificate = "other_ca"},
         {.name = "Expired", .certificate = "expired"},
         {.name = "ExpiredTls12",
          .version = TLS1_2_VERSION,
          .certificate = "expired"},
         {.name = "WithAServersCertificate", .certificate = "server"},
         {.name = "Tls11", .version = TLS1_1_VERSION, .certificate = "good"},
         {.name = "Http2Only", .alpn = "h2", .certificate = "good"},
         {.name = "Friend", .certificate = "good", .let_in = true},
         {.name = "FriendTls12",
          .version = TLS1_2_VERSION,
          .certificate = "good",
          .let_in = true}}),
    [](const auto& info) { return info.param.name; });

TEST_F(HttpsTest, ACertificateIsVerifiedWhereItIsOnlyAskedFor) {
  Start();  // auth.mode none: request
  const IssuedCertificate bad = TrialFolder().IssueClient("caller", {});
  TlsClient::Settings settings = Trusting();
  EXPECT_TRUE(TlsClient(port(), settings).Get("/healthz").starts_with("HTTP"));
  settings.certificate = &bad;
  EXPECT_EQ(TlsClient(port(), settings).Get("/healthz"), "");
}

TEST_F(HttpsTest, PlainHttpIsToldWhatThePortSpeaks) {
  Start();
  const int fd = ConnectPlain(port());
  const std::string_view request =
      "GET /v1/sources HTTP/1.1\r\nHost: x\r\n\r\n";
  ASSERT_EQ(send(fd, request.data(), request.size(), 0), request.size());
  const std::string answer = ReadPlain(fd);
  close(fd);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_NE(answer.find("https://"), std::string::npos) << answer;
  EXPECT_EQ(started(), 0);
}

// Slowloris, before anybody knows who it is: some send nothing, some half a
// greeting, some a byte at a time.
TEST_F(HttpsTest, HalfOpenHandshakesHoldNothingForLong) {
  Start({{"tls.handshake_timeout", "300ms"},
         {"server.http_threads", "2"},
         {"server.http_connections", "256"}});
  const int files = OpenFiles();
  const std::string hello = TlsClientHello();
  std::vector<int> halves;
  for (int i = 0; i < 200; ++i) {
    const int fd = ConnectPlain(port());
    ASSERT_GE(fd, 0);
    const size_t sent = i % 3 == 0 ? 0 : i % 3 == 1 ? hello.size() / 2 : 1;
    ASSERT_EQ(send(fd, hello.data(), sent, MSG_NOSIGNAL), sent);
    halves.push_back(fd);
  }
  // While they are there, whoever knows what it wants is served.
  EXPECT_TRUE(TlsClient(port(), Trusting())
                  .Get("/healthz")
                  .starts_with("HTTP/1.1 200 "));
  size_t next = 1;
  const bool all_closed = Eventually([&] {
    // The third kind goes on, a byte at a time.
    for (size_t i = 2; i < halves.size(); i += 3) {
      (void)send(halves[i], &hello[next % hello.size()], 1,
                 MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    ++next;
    // One of ours may have been too slow on a busy machine.
    const std::string metrics = TlsClient(port(), Trusting()).Get("/metrics");
    const std::string name = "\ngradmatch_http_handshakes_failed_total ";
    const size_t at = metrics.find(name);
    return at != std::string::npos &&
           std::stoi(metrics.substr(at + name.size())) >= 200;
  });
  EXPECT_TRUE(all_closed);
  // What is left of them are our own ends.
  EXPECT_TRUE(Eventually([&] { return OpenFiles() <= files + 200; }));
  for (const int fd : halves) close(fd);
  EXPECT_TRUE(Eventually([&] { return OpenFiles() <= files; }));
  EXPECT_EQ(started(), 0);
}

TEST_F(HttpsTest, IdleConnectionsHoldNoThread) {
  Start({{"server.http_threads", "2"}});
  std::vector<std::unique_ptr<TlsClient>> idle;
  for (int i = 0; i < 20; ++i) {
    idle.push_back(std::make_unique<TlsClient>(port(), Trusting()));
    ASSERT_TRUE(idle.back()->Get("/healthz").starts_with("HTTP/1.1 200 "));
  }
  for (const auto& client : idle) {
    EXPECT_TRUE(client->Get("/healthz").starts_with("HTTP/1.1 200 "));
  }
}

// Rows go in while answers come out: one thread reads the connection while
// another writes it.
TEST_F(HttpsTest, ASyncStreamsBothWays) {
  Start();
  const std::string source = "{\"displayName\":\"湖北\"}";
  TlsClient maker(port(), Trusting());
  maker.Send(absl::StrCat(
      "POST /v1/sources?sourceId=hubei HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nConnection: close\r\n"
      "Content-Length: ",
      source.size(), "\r\n\r\n", source));
  ASSERT_TRUE(maker.ReadAll().starts_with("HTTP/1.1 200 "));
  constexpr int kRows = 3'000;
  TlsClient client(port(), Trusting());
  ASSERT_TRUE(client.Send(
      "POST /v1/sources/hubei/postings:sync HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n"));
  for (int i = 0; i < kRows; i += 100) {
    std::string rows;
    for (int j = i; j < i + 100; ++j) {
      absl::StrAppend(
          &rows, "{\"sourcePostingId\":\"p", j,
          "\",\"title\":\"软件工程师\",\"employer\":{\"name\":\"示例"
          "公司\"}}\n");
    }
    ASSERT_TRUE(client.Send(
        absl::StrCat(absl::Hex(rows.size()), "\r\n", rows, "\r\n")));
  }
  ASSERT_TRUE(client.Send("0\r\n\r\n"));
  const std::string answer = client.ReadAll();
  EXPECT_TRUE(client.got_goodbye());
  int created = 0;
  for (size_t at = 0;
       (at = answer.find("\"STATUS_CREATED\"", at)) != answer.npos; ++at) {
    ++created;
  }
  EXPECT_EQ(created, kRows) << answer.substr(0, 500) << "\n...\n"
                            << answer.substr(answer.size() - 500);
}

TEST_F(HttpsTest, AnotherCertificateIsInForceForNewConnections) {
  Start({{"tls.reload_interval", "10ms"}});
  TlsClient old(port(), Trusting());
  ASSERT_TRUE(old.Get("/healthz").starts_with("HTTP/1.1 200 "));
  trial_.IssueServer("server");  // certificate first, then the key
  EXPECT_TRUE(Eventually([&] {
    TlsClient client(port(), Trusting());
    return client.connected() && client.server_serial() != old.server_serial();
  }));
  EXPECT_TRUE(old.Get("/healthz").starts_with("HTTP/1.1 200 "));
}

TEST_F(HttpsTest, IdleConnectionsHearGoodbyeAtTheEnd) {
  Start();
  TlsClient client(port(), Trusting());
  ASSERT_TRUE(client.Get("/healthz").starts_with("HTTP/1.1 200 "));
  server_->Stop();
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_TRUE(client.got_goodbye());
}

TEST_F(HttpsTest, MetricsTellWhenTheCertificatesExpire) {
  Start();
  const std::string metrics = TlsClient(port(), Trusting()).Get("/metrics");
  const std::string name =
      "gradmatch_tls_certificate_expiry_seconds{file=\"certificate\"} ";
  const size_t at = metrics.find(name);
  ASSERT_NE(at, std::string::npos) << metrics;
  const double end = std::stod(metrics.substr(at + name.size()));
  const double now = absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch());
  EXPECT_GT(end, now + 23 * 3'600);
  EXPECT_LT(end, now + 25 * 3'600);
  EXPECT_NE(metrics.find("gradmatch_tls_reloads_total{result=\"failed\"} 0"),
            std::string::npos);
}

TEST_F(HttpsTest, OtherHostsAreRefusedWhereNobodyIsAskedWhoTheyAre) {
  Start({{"server.http_hosts", "api.example.cn"}});
  TlsClient client(port(), Trusting());
  const auto status_for = [&](const std::string& host) {
    client.Send("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    const std::string answer = client.ReadUntil("\r\n\r\n");
    const size_t at = answer.find("Content-Length: ");
    const size_t size = std::strtoull(answer.c_str() + at + 16, nullptr, 10);
    std::string body;
    while (body.size() < size) body += client.ReadUntil("\n").substr(0, size);
    return answer.substr(9, 3);
  };
  EXPECT_EQ(status_for("localhost"), "200");
  EXPECT_EQ(status_for("api.example.cn:8443"), "200");
}

}  // namespace
}  // namespace gradmatch
