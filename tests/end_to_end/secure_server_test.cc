// The programs over TLS, as an operator begins with them: trial certificates,
// contexts, and what is said when something does not fit.
#include <signal.h>

#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "tests/end_to_end/server_fixture.h"
#include "tools/gradmatch/connection.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

class SecureServerTest : public ServerFixture {
 protected:
  // A server of trial certificates, that takes callers with one only.
  void StartTrial() {
    const Ran made = Shell("HOME=. gradmatch tls trial trial --source hubei");
    ASSERT_EQ(made.code, 0) << made.output;
    options_.files = {.tls_ca = folder_ + "/trial/ca.pem",
                      .tls_cert = folder_ + "/trial/platform.pem",
                      .tls_key = folder_ + "/trial/platform.key"};
    const absl::Status read = ReadConnectionFiles(options_);
    ASSERT_TRUE(read.ok()) << read;
    auto server = ServerProcess::Start(
        {.program = GRADMATCHD,
         .data_dir = folder_ + "/data",
         .log_file = folder_ + "/log",
         .set = {"tls.certificate_file=" + folder_ + "/trial/server.pem",
                 "tls.key_file=" + folder_ + "/trial/server.key",
                 "tls.client_ca_file=" + folder_ + "/trial/ca.pem",
                 "tls.client_certificates=require",
                 "privacy.seal_key_file=" + folder_ + "/seal.keys"},
         .security = options_.security});
    ASSERT_TRUE(server.ok()) << server.status() << "\n" << Text("log");
    server_ = *std::move(server);
  }
  // With an empty home, so that nobody's contexts are read.
  Ran Gradmatch(const std::string& words) {
    return Shell("HOME=$PWD XDG_CONFIG_HOME= gradmatch " + words);
  }
  // With the server's endpoint, but not by the environment.
  Ran Without(const std::string& words) {
    return Shell(
        "unset GRADMATCH_ENDPOINT; export HOME=$PWD XDG_CONFIG_HOME=; " +
        words);
  }
};

TEST_F(SecureServerTest, TrialCertificatesContextsAndWhatDoesNotFit) {
  ASSERT_EQ(Gradmatch("seal-key new seal.keys").code, 0);
  ASSERT_NO_FATAL_FAILURE(StartTrial());
  const std::string tls =
      "--tls-ca trial/ca.pem --tls-cert trial/platform.pem --tls-key "
      "trial/platform.key ";
  Ran ran = Gradmatch(tls + "status");
  EXPECT_EQ(ran.code, 0) << ran.output;

  // Without TLS, without a certificate, with somebody else's, for another name.
  ran = Gradmatch("status");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.output, HasSubstr("speaks TLS, and this call did not"));
  ran = Gradmatch("--tls-ca trial/ca.pem status");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.output, HasSubstr("--tls-cert"));
  ASSERT_EQ(Gradmatch("tls trial other").code, 0);
  ran = Gradmatch("--tls-ca other/ca.pem status");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.output, HasSubstr("signed by --tls-ca"));
  EXPECT_EQ(Gradmatch(tls + "--tls-server-name example.cn status").code, 69);
  EXPECT_EQ(Gradmatch(tls + "--tls-server-name localhost status").code, 0);
  EXPECT_EQ(Gradmatch("--tls-cert trial/platform.pem status").code, 78);
  EXPECT_EQ(Gradmatch("--tls-ca nowhere.pem status").code, 78);

  // Once and for all.
  ran = Without("gradmatch context add trial --endpoint " +
                server_->endpoint() + " " + tls);
  EXPECT_EQ(ran.code, 0) << ran.output;
  ran = Without("gradmatch status");
  EXPECT_EQ(ran.code, 0) << ran.output;
  ran = Without(
      "gradmatch tls issue trial source guangdong && "
      "gradmatch --tls-cert trial/source-guangdong.pem "
      "--tls-key trial/source-guangdong.key status");
  EXPECT_EQ(ran.code, 0) << ran.output;
  // Its files are not for others.
  ran = Without("gradmatch --endpoint 127.0.0.1:1 status");
  EXPECT_EQ(ran.code, 69);
  ran = Without("gradmatch context ls --output jsonl");
  EXPECT_THAT(ran.output, HasSubstr("\"name\": \"trial\""));
  EXPECT_THAT(ran.output, HasSubstr("/trial/ca.pem\""));
  EXPECT_EQ(Without("gradmatch context use none").code, 78);
  EXPECT_EQ(Without("gradmatch context rm trial").code, 0);
  EXPECT_EQ(Without("gradmatch --context trial status").code, 78);

  // The same certificates over HTTPS.
  const std::string url =
      absl::StrCat("https://127.0.0.1:", server_->http_port(), "/healthz");
  ran = Shell(
      "curl -sS --cacert trial/ca.pem --cert trial/platform.pem --key "
      "trial/platform.key " +
      url);
  EXPECT_EQ(ran.output, "ok\n");
  EXPECT_NE(Shell("curl -sS --cacert trial/ca.pem " + url).code, 0);

  // A new certificate by a signal; a bad one changes nothing.
  ASSERT_EQ(Gradmatch("tls issue trial server").code, 0);
  kill(server_->pid(), SIGHUP);
  for (int i = 0; i < 1'000 && Text("log").find("certificates_reloaded") ==
                                   std::string::npos;
       ++i) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_THAT(Text("log"), HasSubstr("certificates_reloaded"));
  Write("trial/server.key", "rubbish");
  kill(server_->pid(), SIGHUP);
  for (int i = 0;
       i < 1'000 && Text("log").find("certificates_kept") == std::string::npos;
       ++i) {
    absl::SleepFor(absl::Milliseconds(10));
  }
  EXPECT_THAT(Text("log"), HasSubstr("certificates_kept"));
  EXPECT_EQ(Gradmatch(tls + "status").code, 0);
  EXPECT_EQ(server_->Stop(), 0);
}

// A crash leaves no core, and what anybody may read of a process has no key.
TEST_F(SecureServerTest, TheProcessKeepsItsSecrets) {
  ASSERT_EQ(Gradmatch("seal-key new seal.keys").code, 0);
  ASSERT_NO_FATAL_FAILURE(StartTrial());
  const auto proc = [&](const char* name) {
    std::ifstream in(absl::StrCat("/proc/", server_->pid(), "/", name),
                     std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  };
  const std::string limits = proc("limits");
  const size_t core = limits.find("Max core file size");
  ASSERT_NE(core, std::string::npos);
  EXPECT_THAT(limits.substr(core, limits.find('\n', core) - core),
              testing::MatchesRegex("Max core file size +0 +0 +bytes +"));
  const std::string keys = Text("seal.keys");
  const std::string key = keys.substr(keys.find(' ', 24) + 1, 64);
  ASSERT_EQ(key.find_first_not_of("0123456789abcdef"), std::string::npos);
  const std::string pem = Text("trial/server.key").substr(40, 40);
  for (const char* name : {"environ", "cmdline"}) {
    EXPECT_THAT(proc(name), Not(HasSubstr(key))) << name;
    EXPECT_THAT(proc(name), Not(HasSubstr(pem))) << name;
  }
  EXPECT_THAT(Text("log"), Not(HasSubstr(key)));
  EXPECT_THAT(Text("log"), Not(HasSubstr(pem)));
  // Keys and the secret of pseudonyms are locked.
  const std::string status = proc("status");
  const size_t at = status.find("VmLck:");
  EXPECT_GE(std::atoi(status.c_str() + at + 6), 8) << status.substr(at, 40);
}

TEST_F(SecureServerTest, AStartThatWouldNotBeSafeIsRefused) {
  ASSERT_EQ(Gradmatch("tls trial trial").code, 0);
  const auto serve = [&](const std::string& set) {
    return Gradmatch(
        "serve --data-dir data --set server.grpc_listen=127.0.0.1:0"
        " --set server.http_listen= --set " +
        set);
  };
  const std::string files =
      "tls.certificate_file=trial/server.pem --set tls.key_file=";
  Ran ran = serve("server.grpc_listen=0.0.0.0:0");
  EXPECT_EQ(ran.code, 78);
  EXPECT_THAT(ran.output, HasSubstr("tls.certificate_file"));
  EXPECT_THAT(ran.output, HasSubstr("auth.mode"));
  ran = serve(files + "trial/nothing.key");
  EXPECT_EQ(ran.code, 78) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("trial/nothing.key cannot be read"));
  ran = serve(files + "trial/platform.key");
  EXPECT_EQ(ran.code, 78) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("another certificate"));
  std::filesystem::permissions(folder_ + "/trial/server.key",
                               std::filesystem::perms(0644));
  ran = serve(files + "trial/server.key");
  EXPECT_EQ(ran.code, 78) << ran.output;
  EXPECT_THAT(ran.output, HasSubstr("0644"));
}

// And the reverse: a caller with TLS, a server without.
TEST_F(SecureServerTest, APlainServerIsNamedAsSuch) {
  ASSERT_EQ(Gradmatch("tls trial trial").code, 0);
  Start();
  Ran ran = Gradmatch("--tls-ca trial/ca.pem status");
  EXPECT_EQ(ran.code, 69);
  EXPECT_THAT(ran.output, HasSubstr("does not speak TLS"));
  // A second authority in the same place would make the first one's
  // certificates worthless.
  EXPECT_NE(Gradmatch("tls trial trial").code, 0);
  EXPECT_EQ(Gradmatch("tls issue trial source").code, 65);
  EXPECT_EQ(Gradmatch("tls issue trial root").code, 65);
  Write("token", "two tokens\n");
  EXPECT_EQ(Gradmatch("--token-file token status").code, 78);
  Write("token", "gm_t-1_" + std::string(64, 'a') + "\n");
  EXPECT_EQ(Gradmatch("--token-file token status").code, 78);  // others read it
  std::filesystem::permissions(folder_ + "/token",
                               std::filesystem::perms(0600));
  EXPECT_EQ(Gradmatch("--token-file token status").code, 0);
  ran = Gradmatch("--token-file token --endpoint 192.0.2.1:1 status");
  EXPECT_EQ(ran.code, 78);
  EXPECT_THAT(ran.output, HasSubstr("without TLS"));
}

}  // namespace
}  // namespace gradmatch
