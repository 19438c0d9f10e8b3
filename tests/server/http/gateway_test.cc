// HTTP/JSON over real sockets: the API's methods, etags, pages.

#include <fstream>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "index/base/error_reasons.h"
#include "tests/server/http/gateway_fixture.h"

namespace gradmatch {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

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
      AllOf(
          HasSubstr("gradmatch_ready 1\n"),
          HasSubstr("gradmatch_graduates{lifecycle=\"LIFECYCLE_ACTIVE\"} 1\n"),
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
