// The matrix over HTTP: every method of the API x everything that can be wrong
// with the bytes that carry its request.
#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/struct.pb.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "server/http/json_codec.h"
#include "server/http/routes.h"
#include "tests/fakes/temp_folder.h"
#include "tests/server/any_call.h"
#include "tests/server/http/http_client.h"
#include "tests/server/method_rows.h"
#include "tests/server/test_server.h"
#include "tests/server/test_world.h"

namespace gradmatch {
namespace {

using google::protobuf::Message;
using google::protobuf::Struct;
using google::protobuf::Value;

const RouteTable& Routes() {
  static const RouteTable* const table =
      new RouteTable(RouteTable::Build(ApiServices()).value());
  return *table;
}

std::vector<const Route*> AllRoutes() {
  std::vector<const Route*> routes;
  for (const Route& route : Routes().routes()) routes.push_back(&route);
  return routes;
}

// A request as bytes on the way: what to call, and with which body.
struct HttpRequest {
  std::string target;
  std::string body;
};

// "posting.name" in the JSON of a request; empty if it is not there.
std::string TextAt(const Struct& request, const std::string& path) {
  const Struct* at = &request;
  std::string text;
  for (const absl::string_view part : absl::StrSplit(path, '.')) {
    const std::string name(part);
    const auto& fields = at->fields();
    const auto found = fields.find(name);
    if (found == fields.end()) return "";
    if (found->second.has_struct_value()) {
      at = &found->second.struct_value();
    } else {
      text = found->second.string_value();
    }
  }
  return text;
}

std::string QueryValue(const Value& value) {
  if (value.kind_case() == Value::kStringValue) return value.string_value();
  if (value.kind_case() == Value::kBoolValue) {
    return value.bool_value() ? "true" : "false";
  }
  return absl::StrCat(value.number_value());
}

// What of `fields` has no place in path and body goes into the query.
std::string Query(const Struct& fields) {
  std::vector<std::string> parts;
  for (const auto& [name, value] : fields.fields()) {
    if (value.has_struct_value()) continue;
    if (!value.has_list_value()) {
      parts.push_back(absl::StrCat(name, "=", QueryValue(value)));
      continue;
    }
    for (const Value& one : value.list_value().values()) {
      parts.push_back(absl::StrCat(name, "=", QueryValue(one)));
    }
  }
  std::sort(parts.begin(), parts.end());
  return parts.empty() ? "" : absl::StrCat("?", absl::StrJoin(parts, "&"));
}

std::string JsonNameOf(const Route& route, const std::string& field) {
  return route.method->input_type()->FindFieldByName(field)->json_name();
}

// "push_plan.name" as JSON has it: "pushPlan.name".
std::string JsonPathOf(const Route& route, const std::string& path) {
  const size_t dot = path.find('.');
  const std::string first = JsonNameOf(route, path.substr(0, dot));
  return dot == std::string::npos ? first
                                  : absl::StrCat(first, path.substr(dot));
}

// The right request of a row, carried as the route says.
HttpRequest Carry(const Route& route, const Message& right) {
  Struct fields;
  EXPECT_TRUE(JsonToMessage(MessageToJson(right).value(), "", fields).ok());
  HttpRequest request;
  request.target = route.path.text();
  for (const std::string& variable : route.path.Variables()) {
    const std::string value = TextAt(fields, JsonPathOf(route, variable));
    const size_t begin = request.target.find("{");
    const size_t end = request.target.find("}", begin);
    request.target.replace(begin, end + 1 - begin, value);
    fields.mutable_fields()->erase(JsonPathOf(route, variable));
  }
  if (route.method->client_streaming()) {
    const Struct begin = fields.fields().at("begin").struct_value();
    fields = begin;
    fields.mutable_fields()->erase("source");
    request.target += Query(fields);
  } else if (route.body == "*") {
    request.body = MessageToJson(fields).value();
  } else if (!route.body.empty()) {
    const std::string name = JsonNameOf(route, route.body);
    request.body =
        MessageToJson(fields.fields().at(name).struct_value()).value();
    fields.mutable_fields()->erase(name);
    request.target += Query(fields);
  } else {
    request.target += Query(fields);
  }
  return request;
}

// "400 JSON_INVALID"; what is no google.rpc.Status with a reason says so.
std::string Summarise(const HttpClient::Response& response) {
  if (response.status < 400) return absl::StrCat(response.status);
  google::rpc::Status status;
  if (!JsonToMessage(response.body, "", status).ok()) {
    return absl::StrCat(response.status, " no status: ", response.body);
  }
  google::rpc::ErrorInfo info;
  for (const auto& detail : status.details()) detail.UnpackTo(&info);
  for (const auto& detail : status.details()) {
    if (detail.Is<google::rpc::ErrorInfo>()) detail.UnpackTo(&info);
  }
  return absl::StrCat(response.status, " ", info.reason());
}

class HttpMatrixTest : public testing::TestWithParam<const Route*> {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TempFolder();
    server_ = new TestServer(TestWorld::Settings(folder_->path()));
    world_ = new TestWorld(*server_);
  }
  static void TearDownTestSuite() {
    delete world_;
    delete server_;
    delete folder_;
  }

  void SetUp() override {
    world_->Restore();
    const std::string name = ShortName(*GetParam()->method);
    const auto rows = MethodRows();
    const auto row =
        std::find_if(rows.begin(), rows.end(),
                     [&](const MethodRow& r) { return r.method == name; });
    ASSERT_NE(row, rows.end()) << name << " has no row in method_rows.cc";
    right_ = NewRequest(*GetParam()->method);
    const absl::Status parsed =
        JsonToMessage(world_->Fill(row->right), "", *right_);
    ASSERT_TRUE(parsed.ok()) << parsed;
    request_ = Carry(*GetParam(), *right_);
  }

  bool has_body() const { return !GetParam()->body.empty(); }
  bool streams() const { return GetParam()->method->client_streaming(); }

  std::string Type() const {
    return streams() ? "Content-Type: application/x-ndjson"
                     : "Content-Type: application/json";
  }
  HttpClient::Response Call(const std::string& target, const std::string& body,
                            const std::string& type) {
    HttpClient http(server_->server().http_port());
    std::vector<std::string> headers;
    if (has_body() && !type.empty()) headers.push_back(type);
    return http.Call(GetParam()->http_method, target, body, headers);
  }
  // The server is well and the method still works.
  void ExpectWell() {
    HttpClient http(server_->server().http_port());
    EXPECT_EQ(http.Call("GET", "/healthz").status, 200);
  }

  static TempFolder* folder_;
  static TestServer* server_;
  static TestWorld* world_;
  std::unique_ptr<Message> right_;
  HttpRequest request_;
};
TempFolder* HttpMatrixTest::folder_ = nullptr;
TestServer* HttpMatrixTest::server_ = nullptr;
TestWorld* HttpMatrixTest::world_ = nullptr;

TEST_P(HttpMatrixTest, TheRightRequestIsTaken) {
  const auto response = Call(request_.target, request_.body, Type());
  EXPECT_EQ(response.status, 200)
      << GetParam()->http_method << " " << request_.target << "\n"
      << request_.body << "\n"
      << response.body;
}

TEST_P(HttpMatrixTest, BadBodiesAreRefusedWithTheReason) {
  if (!has_body() || streams()) return;
  const std::string deep(20'000, '[');
  const struct {
    const char* what;
    std::string body;
    std::string want;
  } cases[] = {{"cut off", R"({"a": )", "400 JSON_INVALID"},
               {"no object", R"(["a"])", "400 FIELD_INVALID"},
               {"text", R"("a")", "400 FIELD_INVALID"},
               {"deep", absl::StrCat(R"({"a": )", deep), "400 JSON_INVALID"},
               {"unknown field", R"({"noSuchField": 1})", "400 FIELD_INVALID"},
               {"not UTF-8", "{\"a\": \"\xC3\x28\"}", "400 ENCODING_INVALID"},
               {"two values", R"({} {})", "400 JSON_INVALID"}};
  for (const auto& [what, body, want] : cases) {
    EXPECT_EQ(Summarise(Call(request_.target, body, Type())), want) << what;
  }
}

TEST_P(HttpMatrixTest, WrongTypesAndHugeNumbersAreRefused) {
  if (!has_body() || streams()) return;
  const auto* type = GetParam()->body == "*"
                         ? GetParam()->method->input_type()
                         : GetParam()
                               ->method->input_type()
                               ->FindFieldByName(GetParam()->body)
                               ->message_type();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    using Field = google::protobuf::FieldDescriptor;
    std::vector<std::string> values;
    if (field->is_repeated()) {
      // One value stands for a list of one, as protobuf reads JSON.
      values = {field->is_map() ? "[1]" : R"({"a": 1})"};
    } else if (field->cpp_type() == Field::CPPTYPE_STRING) {
      values = {R"({"a": 1})", "[1]"};
    } else if (field->cpp_type() == Field::CPPTYPE_INT32 ||
               field->cpp_type() == Field::CPPTYPE_INT64) {
      values = {R"("many")", "1e400", "99999999999999999999", "1.5", "{}"};
    } else if (field->cpp_type() == Field::CPPTYPE_BOOL) {
      values = {R"("maybe")", "7"};
    } else if (field->cpp_type() == Field::CPPTYPE_ENUM) {
      values = {R"("NO_SUCH_VALUE")", "{}", "1e400"};
    } else if (field->cpp_type() == Field::CPPTYPE_MESSAGE) {
      values = {"7", "[1]"};
    }
    for (const std::string& value : values) {
      const std::string body =
          absl::StrCat("{\"", field->json_name(), "\": ", value, "}");
      EXPECT_EQ(Summarise(Call(request_.target, body, Type())),
                "400 FIELD_INVALID")
          << body;
    }
  }
}

TEST_P(HttpMatrixTest, OtherContentTypesAreRefused) {
  if (!has_body()) return;
  for (const char* type :
       {"Content-Type: text/plain", "Content-Type: application/xml", ""}) {
    EXPECT_EQ(Summarise(Call(request_.target, request_.body + " ", type)),
              "415 CONTENT_TYPE_UNSUPPORTED")
        << type;
  }
}

TEST_P(HttpMatrixTest, ABodyThatIsCutShortDoesNothing) {
  if (!has_body()) return;
  {
    HttpClient http(server_->server().http_port());
    http.Send(absl::StrCat(GetParam()->http_method, " ", request_.target,
                           " HTTP/1.1\r\nHost: localhost\r\n", Type(),
                           "\r\nContent-Length: 1000\r\n\r\n{\""));
    http.HalfClose();
    const auto response = http.Read();
    if (response.status != 0 && !streams()) {
      EXPECT_EQ(Summarise(response), "400 BODY_INCOMPLETE");
    }
  }
  ExpectWell();
}

TEST_P(HttpMatrixTest, OtherMethodsAreRefusedAndTheRightOnesNamed) {
  HttpClient http(server_->server().http_port());
  const auto response = http.Call("PUT", request_.target);
  EXPECT_EQ(Summarise(response), "405 HTTP_METHOD_NOT_ALLOWED");
  const auto allow = response.headers.find("allow");
  ASSERT_NE(allow, response.headers.end());
  EXPECT_TRUE(absl::StrContains(allow->second, GetParam()->http_method));
}

TEST_P(HttpMatrixTest, QueriesThatAreWrongAreRefused) {
  const std::string sign = absl::StrContains(request_.target, '?') ? "&" : "?";
  for (const char* query : {"noSuchField=1", "a.b.c=1", "%zz=1", "pageSize=%FF",
                            "pageSize=99999999999999999999", "pageSize=many"}) {
    const auto response =
        Call(absl::StrCat(request_.target, sign, query), request_.body, Type());
    EXPECT_EQ(response.status, 400) << query << "\n" << response.body;
    EXPECT_TRUE(absl::StrContains(Summarise(response), "_")) << query;
  }
}

std::string NameOf(const testing::TestParamInfo<const Route*>& info) {
  return absl::StrCat(
      absl::StrReplaceAll(ShortName(*info.param->method), {{".", "_"}}), "_",
      info.index);
}
INSTANTIATE_TEST_SUITE_P(Routes, HttpMatrixTest, testing::ValuesIn(AllRoutes()),
                         NameOf);

// Every method that a caller can reach by gRPC can be reached by HTTP.
TEST(RoutesTest, HaveEveryMethod) {
  for (const auto* method : AllMethods()) {
    // Google's own file gives it no rule: poll GetOperation instead.
    if (ShortName(*method) == "Operations.WaitOperation") continue;
    EXPECT_TRUE(
        std::any_of(Routes().routes().begin(), Routes().routes().end(),
                    [&](const Route& route) { return route.method == method; }))
        << ShortName(*method);
  }
}

}  // namespace
}  // namespace gradmatch
