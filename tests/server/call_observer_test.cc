#include "server/call_observer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> CallLines(const TestServer& server) {
  std::vector<std::string> lines;
  for (const std::string& line : server.log_lines()) {
    if (line.find("\"event\":\"call_") != std::string::npos) {
      lines.push_back(line);
    }
  }
  return lines;
}

absl::Status GetNobody(TestServer& server, grpc::ClientContext& context) {
  v1::GetGraduateRequest request;
  request.set_name("graduates/nobody-0001");
  v1::Graduate response;
  return TestServer::FromWire(
      server.graduates()->GetGraduate(&context, request, &response));
}

TEST(CallObserverTest, ReadsTraceIds) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(TraceIdOf("00-" + trace + "-00f067aa0ba902b7-01"), trace);
  for (const std::string& wrong : std::vector<std::string>{
           "", trace, "00-" + trace, "00-" + trace + "-00f067aa0ba902b7",
           "00-4BF92F3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-" + trace + "-00f067aa0ba902b7-0x",
           "00-110101199003070011aaaaaaaaaaaa  -00f067aa0ba902b7-01"}) {
    EXPECT_EQ(TraceIdOf(wrong), "") << wrong;
  }
}

TEST(CallObserverTest, TellsTheCallersNumberAndLogsNoValue) {
  TestServer server(TestServer::Settings{{"log.calls", "failed"}});
  grpc::ClientContext context;
  ASSERT_TRUE(absl::IsNotFound(GetNobody(server, context)));
  std::string number;
  const auto look = [&number](const auto& metadata) {
    const auto found = metadata.find("gradmatch-call");
    if (found == metadata.end()) return;
    number.assign(found->second.data(), found->second.size());
  };
  look(context.GetServerTrailingMetadata());
  EXPECT_EQ(number.size(), 32);
  const std::vector<std::string> lines = CallLines(server);
  ASSERT_EQ(lines.size(), 1);
  // As text: Struct's maps have another layout in a program built for the
  // thread sanitizer than in libprotobuf. That a line is JSON, log_test says.
  for (const std::string& field :
       {absl::StrCat("\"call\":\"", number, "\""),
        std::string("\"method\":\"GraduateService.GetGraduate\""),
        std::string("\"code\":\"NOT_FOUND\""),
        std::string("\"reason\":\"GRADUATE_NOT_FOUND\"")}) {
    EXPECT_THAT(lines[0], HasSubstr(field));
  }
  EXPECT_THAT(lines[0], ContainsRegex("\"seconds\":[0-9]"));
  EXPECT_THAT(lines[0], Not(HasSubstr("nobody-0001")));
}

TEST(CallObserverTest, TakesTheTraceIdOfItsCaller) {
  TestServer server(TestServer::Settings{{"log.calls", "all"}});
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  grpc::ClientContext context;
  context.AddMetadata("traceparent", "00-" + trace + "-00f067aa0ba902b7-01");
  EXPECT_TRUE(absl::IsNotFound(GetNobody(server, context)));
  ASSERT_EQ(CallLines(server).size(), 1);
  EXPECT_THAT(CallLines(server)[0], HasSubstr("\"call\":\"" + trace + "\""));
}

TEST(CallObserverTest, LogsWhatIsAskedFor) {
  struct Case {
    const char* calls;
    const char* slow;
    size_t lines;
  };
  for (const Case& c : {Case{"none", "1ms", 0}, Case{"slow", "1h", 0},
                        Case{"failed", "1h", 1}, Case{"all", "1h", 2}}) {
    SCOPED_TRACE(c.calls);
    TestServer server(TestServer::Settings{{"log.calls", c.calls},
                                           {"log.slow_call", c.slow}});
    grpc::ClientContext context;
    (void)GetNobody(server, context);
    v1::ListSourcesResponse response;
    ASSERT_TRUE(server
                    .Call(server.sources(), &Sources::ListSources,
                          v1::ListSourcesRequest(), response)
                    .ok());
    EXPECT_EQ(CallLines(server).size(), c.lines);
  }
}

}  // namespace
}  // namespace gradmatch
