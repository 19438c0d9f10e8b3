// What HTTP/JSON refuses, and how: every answer names what is wrong, and
// nothing of what follows a broken request is taken for one.

#include <zlib.h>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error_reasons.h"
#include "tests/server/http/gateway_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

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
      "POST /v1/postings:search HTTP/1.1\r\nHost: localhost\r\n"
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
        "POST /v1/sources/gd/postings HTTP/1.1\r\nHost: localhost\r\n";
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

std::string Gzip(const std::string& text) {
  z_stream stream = {};
  EXPECT_EQ(
      deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY),
      Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(GatewayTest, UnpacksBodiesUpToTheLimit) {
  HttpClient http(port());
  const std::string packed = Gzip(Json(GoodPosting("1")));
  const auto created = http.CallJson("POST", "/v1/sources/gd/postings", packed,
                                     {"Content-Encoding: gzip"});
  EXPECT_EQ(created.status, 200) << created.body;
  // A stream that is cut, and one that goes on after its end.
  for (const std::string& bad :
       {packed.substr(0, packed.size() - 1), packed + "x", packed + packed}) {
    HttpClient one(port());
    EXPECT_EQ(ErrorOf(one.CallJson("POST", "/v1/sources/gd/postings", bad,
                                   {"Content-Encoding: gzip"})),
              "400 BODY_INCOMPLETE");
    const auto cut = HttpClient(port()).Call(
        "POST", "/v1/sources/gd/postings:sync?validateOnly=true",
        Gzip(Json(GoodPosting("2")) + "\n").substr(0, 60),
        {"Content-Type: application/x-ndjson", "Content-Encoding: gzip"});
    EXPECT_THAT(cut.body, HasSubstr(kBodyIncomplete));
    EXPECT_THAT(cut.body, Not(HasSubstr("committed")));
  }
  // Small on the wire, 64 MiB unpacked: the limit is on what it becomes.
  const std::string bomb = Gzip(std::string(64 << 20, ' '));
  EXPECT_LT(bomb.size(), 1u << 20);
  HttpClient other(port());
  EXPECT_EQ(ErrorOf(other.CallJson("POST", "/v1/postings:search", bomb,
                                   {"Content-Encoding: gzip"})),
            "413 BODY_TOO_LARGE");
  // Lines too.
  HttpClient lines(port());
  const auto sync = lines.Call(
      "POST", "/v1/sources/gd/postings:sync",
      Gzip(Json(GoodPosting("2")) + "\n" + Json(GoodPosting("3")) + "\n"),
      {"Content-Type: application/x-ndjson", "Content-Encoding: gzip"});
  EXPECT_THAT(sync.body, HasSubstr("\"received\":\"2\",\"created\":\"2\""));
}

}  // namespace
}  // namespace gradmatch
