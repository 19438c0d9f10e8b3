// HTTP/JSON over real sockets: the API's methods, errors, etags, pages.

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "index/base/error_reasons.h"
#include "server/http/json_codec.h"
#include "tests/server/http/http_client.h"
#include "tests/server/services_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

class GatewayTest : public ServicesTest {
 protected:
  int port() { return server_.server().http_port(); }

  static std::string Json(const google::protobuf::Message& message) {
    return MessageToJson(message).value();
  }
  template <typename Message>
  static Message Parse(const std::string& json) {
    Message message;
    const absl::Status status = JsonToMessage(json, "", message);
    EXPECT_TRUE(status.ok()) << json << status.message();
    return message;
  }
  // "404 POSTING_NOT_FOUND"; with the wrong field where there is one.
  static std::string ErrorOf(const HttpClient::Response& response) {
    std::string out = absl::StrCat(response.status);
    if (response.status < 400) return out;
    google::rpc::Status status;
    if (!JsonToMessage(response.body, "", status).ok()) {
      return out + " no google.rpc.Status: " + response.body;
    }
    google::rpc::ErrorInfo info;
    for (const auto& detail : status.details()) {
      if (!detail.UnpackTo(&info)) continue;
      absl::StrAppend(&out, " ", info.reason());
      const auto field = info.metadata().find("field");
      if (field != info.metadata().end()) {
        absl::StrAppend(&out, " ", field->second);
      }
    }
    return out;
  }
};

TEST_F(GatewayTest, AnswersWhatGrpcAnswers) {
  HttpClient http(port());
  const auto created =
      http.CallJson("POST", "/v1/sources/gd/postings", Json(GoodPosting("1")));
  ASSERT_EQ(created.status, 200) << created.body;
  const auto posting = Parse<v1::Posting>(created.body);
  EXPECT_EQ(posting.name(), "sources/gd/postings/1");
  const auto got = http.Call("GET", "/v1/sources/gd/postings/1");
  ASSERT_EQ(got.status, 200) << got.body;
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      Parse<v1::Posting>(got.body), *Get("sources/gd/postings/1")));
  EXPECT_EQ(got.headers.at("content-type"), "application/json");
  EXPECT_EQ(got.headers.at("x-content-type-options"), "nosniff");
  EXPECT_FALSE(got.headers.contains("access-control-allow-origin"));

  const auto list = http.Call(
      "GET", "/v1/sources/gd/postings?pageSize=5&states=OPEN&view=FULL");
  EXPECT_EQ(Parse<v1::ListPostingsResponse>(list.body).postings_size(), 1);

  const auto updated =
      http.CallJson("PATCH", "/v1/sources/gd/postings/1?updateMask=title",
                    R"({"title":"高级软件工程师","openings":99})");
  ASSERT_EQ(updated.status, 200) << updated.body;
  EXPECT_EQ(Get("sources/gd/postings/1")->title(), "高级软件工程师");
  EXPECT_EQ(Get("sources/gd/postings/1")->openings(), 3);  // not in the mask

  ASSERT_TRUE(CreateGraduate("g1").ok());
  const auto match = http.CallJson("POST", "/v1/graduates/g1:matchPostings",
                                   R"({"pageSize":3})");
  ASSERT_EQ(match.status, 200) << match.body;
  EXPECT_EQ(Parse<v1::MatchPostingsResponse>(match.body).matches_size(), 1);
  const auto search =
      http.CallJson("POST", "/v1/postings:search", R"({"text":"软件"})");
  EXPECT_EQ(search.status, 200) << search.body;

  EXPECT_EQ(http.Call("DELETE", "/v1/sources/gd/postings/1").body, "{}\n");
  EXPECT_EQ(ErrorOf(http.Call("GET", "/v1/sources/gd/postings/1")),
            "404 POSTING_NOT_FOUND");
}

TEST_F(GatewayTest, RequestIdsAreGrpcs) {
  HttpClient http(port());
  const std::string id = "7d444840-9dc0-11d1-b245-5ffdce74fad2";
  const std::string target = "/v1/sources/gd/postings?requestId=" + id;
  const auto first = http.CallJson("POST", target, Json(GoodPosting("1")));
  ASSERT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(http.CallJson("POST", target, Json(GoodPosting("1"))).body,
            first.body);
  EXPECT_EQ(ErrorOf(http.CallJson("POST", target, Json(GoodPosting("2")))),
            "409 REQUEST_ID_REUSED");
}

TEST_F(GatewayTest, RefusesBadRequestsByName) {
  ASSERT_TRUE(Create(GoodPosting("1")).ok());
  const std::string posting = "/v1/sources/gd/postings/1";
  const std::string postings = "/v1/sources/gd/postings";
  const std::string json = "Content-Type: application/json";
  struct Case {
    const char* method;
    std::string target;
    std::string body;
    std::vector<std::string> headers;
    const char* want;
  };
  const Case cases[] = {
      {"GET", "/v1/nowhere", "", {}, "404 PATH_NOT_FOUND"},
      {"GET", "/v2/sources", "", {}, "404 PATH_NOT_FOUND"},
      {"GET", "/", "", {}, "404 PATH_NOT_FOUND"},
      {"POST", "/healthz", "", {}, "404 PATH_NOT_FOUND"},
      {"PUT", posting, "{}", {json}, "405 HTTP_METHOD_NOT_ALLOWED"},
      {"OPTIONS", posting, "", {}, "405 HTTP_METHOD_NOT_ALLOWED"},
      {"GET", posting + "?view=NICE", "", {}, "400 FIELD_INVALID view"},
      {"GET", posting + "?vew=FULL", "", {}, "400 FIELD_INVALID vew"},
      {"GET",
       posting + "?name=sources/gd/postings/2",
       "",
       {},
       "400 FIELD_INVALID name"},
      {"GET",
       postings + "?pageSize=ten",
       "",
       {},
       "400 FIELD_INVALID page_size"},
      {"GET",
       postings + "?pageSize=99999999999",
       "",
       {},
       "400 FIELD_INVALID page_size"},
      {"GET", "/v1/sources/%ff", "", {}, "400 ENCODING_INVALID (url)"},
      {"GET", "/v1/sources/%2", "", {}, "400 ENCODING_INVALID (url)"},
      {"POST", postings, "{}", {}, "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST",
       postings,
       "{}",
       {"Content-Type: text/plain"},
       "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST",
       postings,
       "a=b",
       {"Content-Type: application/x-www-form-urlencoded"},
       "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST",
       postings,
       "{}",
       {"Content-Type: multipart/form-data; boundary=x"},
       "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST",
       postings,
       "{}",
       {json + "; charset=gbk"},
       "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST",
       postings,
       "{}",
       {json, "Content-Encoding: zstd"},
       "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST", postings, "{", {json}, "400 JSON_INVALID"},
      {"POST", postings, "<a/>", {json}, "400 JSON_INVALID"},
      {"POST", postings, std::string(70, '['), {json}, "400 JSON_INVALID"},
      {"POST",
       postings,
       "{\"title\":\"\xb9\xe3\"}",
       {json},
       "400 ENCODING_INVALID"},
      {"POST",
       postings,
       R"({"titel":"x"})",
       {json},
       "400 FIELD_INVALID posting.titel"},
      {"POST",
       postings,
       R"({"openings":1e30})",
       {json},
       "400 FIELD_INVALID posting.openings"},
      {"POST",
       postings,
       "{}",
       {json},
       "400 FIELD_MISSING posting.source_posting_id"},
      {"POST", postings, "", {}, "400 FIELD_MISSING posting.source_posting_id"},
      {"POST",
       postings,
       "garbage",
       {json, "Content-Encoding: gzip"},
       "400 BODY_INCOMPLETE"},
      {"PATCH",
       posting,
       R"({"name":"sources/gd/postings/2","title":"x"})",
       {json},
       "400 FIELD_INVALID posting.name"},
      {"DELETE", posting, "{}", {json}, "400 FIELD_INVALID (body)"},
      {"POST",
       "/v1/postings:search?pageSize=1",
       R"({"text":"a"})",
       {json},
       "400 FIELD_INVALID pageSize"},
      {"GET",
       posting,
       "",
       {"X-Request-Timeout: soon"},
       "400 FIELD_INVALID X-Request-Timeout"},
      {"GET",
       posting,
       "",
       {"X-Request-Timeout: -1s"},
       "400 FIELD_INVALID X-Request-Timeout"},
      {"GET",
       posting,
       "",
       {"grpc-timeout: 5x"},
       "400 FIELD_INVALID grpc-timeout"},
      {"GET", posting, "", {"grpc-timeout: 1n"}, "504 DEADLINE_PASSED"},
      {"POST",
       "/v1/sources/none/postings",
       Json(GoodPosting("1")),
       {json},
       "404 SOURCE_NOT_FOUND"},
      {"POST", postings, Json(GoodPosting("1")), {json}, "409 ALREADY_EXISTS"},
      {"POST",
       postings + ":sync",
       "{}",
       {json},
       "415 CONTENT_TYPE_UNSUPPORTED"},
      {"POST",
       "/v1/sources/none/postings:sync",
       "{}",
       {"Content-Type: application/x-ndjson"},
       "404 SOURCE_NOT_FOUND"},
      {"POST",
       postings + ":sync?mode=FULL",
       "{}",
       {"Content-Type: application/x-ndjson"},
       "400 SYNC_MODE_UNSUPPORTED"},
      {"POST",
       postings + ":sync?mood=FULL",
       "{}",
       {"Content-Type: application/x-ndjson"},
       "400 FIELD_INVALID mood"},
      {"GET",
       "/v1/pushRuns/none/items:stream",
       "",
       {},
       "404 PUSH_RUN_NOT_FOUND"},
      {"HEAD", "/v1/pushRuns/none/items:stream", "", {}, "405"},
  };
  for (const Case& c : cases) {
    HttpClient http(port());
    const auto response = http.Call(c.method, c.target, c.body, c.headers);
    const std::string error = std::string(c.method) == "HEAD"
                                  ? absl::StrCat(response.status)
                                  : ErrorOf(response);
    EXPECT_EQ(error, c.want)
        << c.method << " " << c.target << " " << c.body << "\n"
        << response.body;
    if (response.status == 405) {
      EXPECT_TRUE(response.headers.contains("allow")) << c.target;
    }
  }
}

TEST_F(GatewayTest, RefusesWhatTwoParsersMayReadDifferently) {
  const std::string body = R"({"text":"a"})";
  const std::string head =
      "POST /v1/postings:search HTTP/1.1\r\nHost: x\r\n"
      "Content-Type: application/json\r\n";
  const std::string next = HttpClient::Request("GET", "/healthz");
  const std::pair<const char*, std::string> cases[] = {
      {"two lengths",
       head + "Content-Length: 12\r\nContent-Length: 12\r\n\r\n" + body + next},
      {"length and chunks",
       head + "Content-Length: 12\r\nTransfer-Encoding: chunked\r\n\r\n" +
           "0\r\n\r\n" + next},
      {"another coding",
       head + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + next},
      {"a length that is none",
       head + "Content-Length: +12\r\n\r\n" + body + next},
      {"a blank before the colon",
       head + "Content-Length : 12\r\n\r\n" + body + next},
      {"a folded line",
       head + " x: y\r\nContent-Length: 12\r\n\r\n" + body + next},
      {"a bare line feed",
       head + "X: y\nContent-Length: 12\r\n\r\n" + body + next},
      {"a body where none belongs",
       "GET /healthz HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc" + next},
      {"a method there is not", "BREW / HTTP/1.1\r\n\r\n" + next},
      {"no version", "GET /healthz\r\n\r\n" + next},
      {"a long line",
       "GET /" + std::string(60'000, 'a') + " HTTP/1.1\r\n\r\n" + next},
      {"a long head", "GET /healthz HTTP/1.1\r\nA: " +
                          std::string(60'000, 'a') + "\r\n\r\n" + next},
      {"chunk without a size",
       head + "Transfer-Encoding: chunked\r\n\r\nxyz\r\n" + next},
  };
  for (const auto& [what, bytes] : cases) {
    HttpClient http(port());
    ASSERT_TRUE(http.Send(bytes));
    const auto response = http.Read();
    // Refused, or cut off without an answer; never served, and nothing of what
    // follows is taken for a request.
    EXPECT_TRUE(response.status == 0 ||
                (response.status >= 400 && response.status < 500))
        << what << ": " << response.status << response.body;
    if (response.status != 0) {
      EXPECT_TRUE(http.ClosedByServer()) << what;
    }
  }
}

TEST_F(GatewayTest, CutBodiesChangeNothing) {
  const std::string body = Json(GoodPosting("1"));
  for (const bool chunked : {false, true}) {
    HttpClient http(port());
    std::vector<std::string> headers = {"Content-Type: application/json"};
    headers.push_back(chunked
                          ? std::string("Transfer-Encoding: chunked")
                          : absl::StrCat("Content-Length: ", body.size() + 1));
    std::string request =
        "POST /v1/sources/gd/postings HTTP/1.1\r\nHost: x\r\n";
    for (const std::string& header : headers) request += header + "\r\n";
    request += "\r\n" + (chunked ? HttpClient::Chunk(body) : body);
    ASSERT_TRUE(http.Send(request));
    http.HalfClose();
    EXPECT_EQ(ErrorOf(http.Read()), "400 BODY_INCOMPLETE");
    EXPECT_FALSE(Get("sources/gd/postings/1").ok());
  }
}

TEST_F(GatewayTest, RefusesTooLargeBodiesEarlyAndLate) {
  const std::string big = "{\"text\":\"" + std::string(5 << 20, 'a') + "\"}";
  HttpClient http(port());
  // Known before it is read: refused without waiting for the body.
  ASSERT_TRUE(http.Send(
      absl::StrCat("POST /v1/postings:search HTTP/1.1\r\nContent-Type: "
                   "application/json\r\nContent-Length: ",
                   big.size(), "\r\n\r\n")));
  EXPECT_EQ(ErrorOf(http.Read()), "413 BODY_TOO_LARGE");
  EXPECT_TRUE(http.ClosedByServer());
  // Known while it is read.
  HttpClient chunked(port());
  chunked.Send(HttpClient::Request(
      "POST", "/v1/postings:search", HttpClient::Chunk(big),
      {"Content-Type: application/json", "Transfer-Encoding: chunked"}));
  EXPECT_EQ(ErrorOf(chunked.Read()), "413 BODY_TOO_LARGE");
}

TEST_F(GatewayTest, EtagsGuardReadsAndWrites) {
  ASSERT_TRUE(Create(GoodPosting("1")).ok());
  HttpClient http(port());
  const std::string path = "/v1/sources/gd/postings/1";
  const auto got = http.Call("GET", path);
  const std::string etag = got.headers.at("etag");
  EXPECT_EQ(etag, "\"" + Get("sources/gd/postings/1")->etag() + "\"");
  const auto same =
      http.Call("GET", path, "", {"If-None-Match: W/\"x\", " + etag});
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.headers.at("etag"), etag);
  const auto head = http.Call("HEAD", path);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.at("etag"), etag);
  EXPECT_EQ(head.headers.at("content-length"), absl::StrCat(got.body.size()));

  const auto changed = http.CallJson("PATCH", path, R"({"title":"会计"})",
                                     {"If-Match: " + etag});
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(changed.headers.at("etag"), etag);
  EXPECT_EQ(ErrorOf(http.CallJson("PATCH", path, R"({"title":"出纳"})",
                                  {"If-Match: " + etag})),
            "412 ETAG_MISMATCH");
  EXPECT_EQ(Get("sources/gd/postings/1")->title(), "会计");
  EXPECT_EQ(ErrorOf(http.CallJson("PATCH", path,
                                  R"({"title":"出纳","etag":"999999"})")),
            "409 ETAG_MISMATCH");
  EXPECT_EQ(ErrorOf(http.Call("DELETE", path, "", {"If-Match: " + etag})),
            "412 ETAG_MISMATCH");
  EXPECT_EQ(ErrorOf(http.Call("DELETE", path, "", {"If-Match: 5"})),
            "400 FIELD_INVALID If-Match");
  EXPECT_EQ(ErrorOf(http.CallJson("POST", "/v1/postings:search",
                                  R"({"text":"a"})", {"If-Match: \"5\""})),
            "400 FIELD_INVALID If-Match");
  EXPECT_EQ(http.Call("GET", path, "", {"If-None-Match: " + etag}).status, 200);
  EXPECT_EQ(
      http.Call("DELETE", path, "", {"If-Match: " + changed.headers.at("etag")})
          .status,
      200);

  // A list has the etag of its text.
  const std::string list = "/v1/sources";
  const std::string list_etag = http.Call("GET", list).headers.at("etag");
  EXPECT_EQ(http.Call("GET", list, "", {"If-None-Match: " + list_etag}).status,
            304);
  server_.AddSource("hubei");
  EXPECT_EQ(http.Call("GET", list, "", {"If-None-Match: " + list_etag}).status,
            200);
}

TEST_F(GatewayTest, KeepsConnectionsAndTakesRequestsInARow) {
  HttpClient http(port());
  std::string three;
  for (int i = 0; i < 3; ++i)
    three += HttpClient::Request("GET", "/v1/sources");
  ASSERT_TRUE(http.Send(three));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(http.Read().status, 200) << i;
  const auto last = http.Call("GET", "/v1/sources", "", {"Connection: close"});
  EXPECT_EQ(last.headers.at("connection"), "close");
  EXPECT_TRUE(http.ClosedByServer());
  // An error with the body read keeps the connection.
  HttpClient kept(port());
  EXPECT_EQ(ErrorOf(kept.CallJson("POST", "/v1/postings:search", "{")),
            "400 JSON_INVALID");
  EXPECT_EQ(kept.Call("GET", "/healthz").status, 200);
  // HTTP/1.0 closes unless asked not to.
  HttpClient old(port());
  ASSERT_TRUE(old.Send("GET /healthz HTTP/1.0\r\n\r\n"));
  EXPECT_EQ(old.Read().body, "ok\n");
  EXPECT_TRUE(old.ClosedByServer());
}

TEST_F(GatewayTest, ServesItsPages) {
  ASSERT_TRUE(CreateGraduate("person-0001").ok());
  HttpClient http(port());
  EXPECT_EQ(http.Call("GET", "/v1/graduates/person-0001").status, 200);
  EXPECT_EQ(http.Call("GET", "/v1/graduates/none").status, 404);
  EXPECT_EQ(http.Call("GET", "/healthz").body, "ok\n");
  EXPECT_EQ(http.Call("GET", "/readyz").body, "ok\n");
  EXPECT_EQ(http.Call("HEAD", "/readyz").status, 200);
  const std::string metrics = http.Call("GET", "/metrics").body;
  EXPECT_THAT(
      metrics,
      AllOf(HasSubstr("gradmatch_ready 1\n"),
            HasSubstr("gradmatch_graduates 1\n"),
            HasSubstr("gradmatch_build_info{version=\"0.1.0\"} 1\n"),
            HasSubstr("_count{http_route=\"/v1/{name=graduates/*}\",http_"
                      "request_method=\"GET\",http_response_status_code="
                      "\"404\"} 1\n"),
            Not(HasSubstr("person-0001")), Not(HasSubstr("healthz"))));
  const auto openapi = http.Call("GET", "/openapi.json");
  std::ifstream file("proto/openapi/openapi.json");
  std::ostringstream text;
  text << file.rdbuf();
  EXPECT_TRUE(openapi.body == text.str());
  EXPECT_THAT(http.Call("GET", "/errors").body, HasSubstr(kEtagMismatch));
}

TEST_F(GatewayTest, NothingOfAPersonIsLogged) {
  HttpClient http(port());
  http.Call("GET", "/v1/graduates/secret-person-7?x=secret-person-8");
  http.CallJson("POST", "/v1/graduates?graduateId=secret-person-9",
                R"({"profile":{"skills":["secret-skill"],"x":1}})");
  http.CallJson("POST", "/v1/graduates", "{secret-person-1");
  for (const std::string& line : server_.log_lines()) {
    EXPECT_THAT(line, Not(HasSubstr("secret")));
  }
}

}  // namespace
}  // namespace gradmatch
