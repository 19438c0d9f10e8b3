// The client samples of tools/clients: those whose interpreters are in our list
// of packages are run, the others checked against the API; and the retry rules
// that they share.

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/http/json_codec.h"
#include "server/http/routes.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Ended {
  int code = -1;
  std::string output;  // both streams
};

Ended RunShell(const std::string& command) {
  Ended ended;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char piece[4'096];
  for (size_t n = 0; (n = fread(piece, 1, sizeof(piece), pipe)) > 0;) {
    ended.output.append(piece, n);
  }
  const int state = pclose(pipe);
  ended.code = WIFEXITED(state) ? WEXITSTATUS(state) : -1;
  return ended;
}

bool Installed(const std::string& program) {
  return RunShell("command -v " + program).code == 0;
}

class ClientsTest : public ServicesTest {
 protected:
  // The samples' postings would fit this graduate, but for being a trial's.
  ClientsTest() {
    v1::Posting posting = GoodPosting("real");
    posting.set_title("真实的软件工程师");
    EXPECT_TRUE(Create(posting).ok());
    EXPECT_TRUE(CreateGraduate("g-0001").ok());
  }

  std::string http() {
    return absl::StrCat("http://127.0.0.1:", server_.server().http_port());
  }

  // Runs a sample twice, as people do, and looks at what it did.
  void Check(const std::string& language, const std::string& command) {
    for (const char* round : {"first", "again"}) {
      const Ended ended = RunShell("no_proxy='*' " + command + " g-0001");
      EXPECT_EQ(ended.code, 0) << round << "\n" << ended.output;
      EXPECT_THAT(ended.output, HasSubstr("真实的软件工程师")) << round;
      EXPECT_THAT(ended.output, Not(HasSubstr("武汉"))) << round;
    }
    const std::string parent = "sources/try-" + language;
    v1::GetSourceRequest get;
    get.set_name(parent);
    v1::Source source;
    ASSERT_TRUE(
        server_.Call(server_.sources(), &Sources::GetSource, get, source).ok());
    EXPECT_TRUE(source.sandbox());
    v1::ListPostingsRequest list;
    list.set_parent(parent);
    v1::ListPostingsResponse postings;
    ASSERT_TRUE(
        server_
            .Call(server_.postings(), &Postings::ListPostings, list, postings)
            .ok());
    EXPECT_EQ(postings.postings_size(), 10);
  }
};

TEST_F(ClientsTest, Curl) {
  Check("curl", "tools/clients/curl/sync_and_match.sh " + http());
}

TEST_F(ClientsTest, Php) {
  Check("php", "php tools/clients/php/sync_and_match.php " + http());
}

TEST_F(ClientsTest, Python) {
  // As the head of the file says.
  const std::string folder =
      testing::TempDir() + absl::StrCat("/gradmatch_python_", getpid());
  const std::string google = "proto/node_modules/google-proto-files";
  std::string files;
  for (const auto& entry :
       std::filesystem::directory_iterator("proto/gradmatch/v1")) {
    absl::StrAppend(&files, " gradmatch/v1/", entry.path().filename().string());
  }
  for (const char* file :
       {"api/annotations", "api/client", "api/field_behavior", "api/http",
        "api/launch_stage", "api/resource", "longrunning/operations",
        "rpc/status", "rpc/error_details"}) {
    absl::StrAppend(&files, " google/", file, ".proto");
  }
  const Ended generated = RunShell(absl::StrCat(
      "mkdir -p ", folder, " && protoc -I proto -I ", google,
      " --python_out=", folder,
      " --plugin=protoc-gen-grpc_python=/usr/bin/grpc_python_plugin "
      "--grpc_python_out=",
      folder, files));
  ASSERT_EQ(generated.code, 0) << generated.output;
  Check("python", absl::StrCat("PYTHONPATH=", folder,
                               " /usr/bin/python3 tools/clients/python/"
                               "sync_and_match.py 127.0.0.1:",
                               server_.server().port()));
  std::filesystem::remove_all(folder);
}

// Their compilers are large, so they are run where somebody has them anyway.
TEST_F(ClientsTest, JavaWhereItIs) {
  if (!Installed("java")) GTEST_SKIP() << "no java; see SamplesTest";
  Check("java", "java -Xmx64m tools/clients/java/SyncAndMatch.java " + http());
}

TEST_F(ClientsTest, GoWhereItIs) {
  if (!Installed("go")) GTEST_SKIP() << "no go; see SamplesTest";
  Check("go", "go run tools/clients/go/main.go " + http());
}

// Every field name of every message, in JSON's form.
std::set<std::string> FieldNames() {
  std::set<std::string> names, seen;
  const std::function<void(const google::protobuf::Descriptor&)> add =
      [&](const google::protobuf::Descriptor& type) {
        if (!seen.insert(type.full_name()).second) return;
        for (int i = 0; i < type.field_count(); ++i) {
          names.insert(type.field(i)->json_name());
          if (type.field(i)->message_type() != nullptr) {
            add(*type.field(i)->message_type());
          }
        }
      };
  for (const auto* service : ApiServices()) {
    for (int i = 0; i < service->method_count(); ++i) {
      add(*service->method(i)->input_type());
      add(*service->method(i)->output_type());
    }
  }
  return names;
}

// Of all HTTP samples, also of those that are not run here: what they say is in
// the API.
TEST(SamplesTest, PathsAndFieldsAreTheApis) {
  const auto routes = RouteTable::Build(ApiServices());
  ASSERT_TRUE(routes.ok());
  const std::set<std::string> fields = FieldNames();
  for (const char* file : {"curl/sync_and_match.sh", "php/sync_and_match.php",
                           "java/SyncAndMatch.java", "go/main.go"}) {
    std::string text = ReadFile(std::string("tools/clients/") + file);
    ASSERT_FALSE(text.empty()) << file;
    // A name in the middle of a path: $graduate, "+graduate+", " + source + ".
    const std::string flat = std::regex_replace(
        text, std::regex(R"re(\$[a-z]+|" ?\+ ?[a-z]+ ?\+ ?")re"), "x");
    const std::regex path(R"re(/v1/[A-Za-z0-9/:\-]+)re");
    std::set<std::string> methods;
    for (std::sregex_iterator it(flat.begin(), flat.end(), path), end;
         it != end; ++it) {
      const auto target = ParseTarget(it->str());
      ASSERT_TRUE(target.ok()) << file << it->str();
      const auto found = routes->Find("POST", *target);
      // A path that is only read is there for another method.
      ASSERT_TRUE(found.route != nullptr || !found.allowed.empty())
          << file << ": no such path " << it->str();
      if (found.route == nullptr) continue;
      methods.insert(found.route->method->name());
    }
    EXPECT_THAT(methods, testing::IsSupersetOf(
                             {"CreateSource", "SyncPostings", "MatchPostings"}))
        << file;
    const std::regex parameter(R"re([?&]([A-Za-z]+)=)re");
    for (std::sregex_iterator it(flat.begin(), flat.end(), parameter), end;
         it != end; ++it) {
      EXPECT_TRUE(fields.contains((*it)[1])) << file << ": " << it->str();
    }
    // JSON's names, Go's tags, PHP's keys.
    const std::regex key(
        R"re(\\?"([a-z][A-Za-z]+)\\?": ?|json:"([a-zA-Z]+)"|'([a-z][A-Za-z]+)' =>)re");
    const std::set<std::string> others = {"http",    "method",  "header",
                                          "content", "timeout", "committed",
                                          "error",   "message"};
    int keys = 0;
    for (std::sregex_iterator it(text.begin(), text.end(), key), end; it != end;
         ++it) {
      const std::string name = (*it)[1].str() + (*it)[2].str() + (*it)[3].str();
      ++keys;
      EXPECT_TRUE(fields.contains(name) || others.contains(name))
          << file << ": no field " << name;
    }
    EXPECT_GT(keys, 10) << file;
  }
}

// The rules as a client uses them: UNAVAILABLE is tried again, nothing else is.
TEST(ServiceConfigTest, RetriesUnavailableOnly) {
  const std::string config = ReadFile("tools/clients/service_config.json");
  google::protobuf::Value parsed;
  ASSERT_TRUE(JsonToMessage(config, "", parsed).ok());
  TestServer server{};
  server.Stop();
  server.Listen();  // and does not load: UNAVAILABLE
  grpc::ChannelArguments arguments;
  arguments.SetServiceConfigJSON(config);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  const auto channel = grpc::CreateCustomChannel(
      absl::StrCat("127.0.0.1:", server.server().port()),
      grpc::InsecureChannelCredentials(), arguments);
  const auto stub = v1::SourceService::NewStub(channel);
  const std::atomic<int64_t>& started =
      server.server().runtime().counters.started;
  const auto call = [&] {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(60));
    v1::GetSourceRequest request;
    request.set_name("sources/none");
    v1::Source response;
    const int64_t before = started;
    const absl::Status status =
        TestServer::FromWire(stub->GetSource(&context, request, &response));
    return absl::StrCat(ReasonOf(status), " after ", started - before);
  };
  EXPECT_EQ(call(), "INDEX_LOADING after 4");
  server.Load();
  EXPECT_EQ(call(), "SOURCE_NOT_FOUND after 1");
}

}  // namespace
}  // namespace gradmatch
