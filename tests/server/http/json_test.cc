// JSON in both directions, and the pages about errors.

#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gradmatch/v1/match_service.pb.h"
#include "gradmatch/v1/posting_service.pb.h"
#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "server/error_registry.h"
#include "server/http/etag.h"
#include "server/http/http_error.h"
#include "server/http/json_codec.h"
#include "server/http/json_syntax.h"
#include "server/http/sync_rows.h"

namespace gradmatch {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string ReadFile(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string MetadataOf(const absl::Status& status, const std::string& key) {
  const auto payload =
      status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo");
  google::rpc::ErrorInfo info;
  if (payload.has_value()) info.ParseFromString(std::string(*payload));
  const auto it = info.metadata().find(key);
  return it == info.metadata().end() ? "" : it->second;
}

TEST(JsonSyntaxTest, TakesJsonAndNothingElse) {
  const std::string deep_ok = std::string(64, '[') + std::string(64, ']');
  for (const std::string& text :
       {std::string("{}"), std::string(" [ ] "), std::string("null"),
        std::string("-0.5e+10"), std::string("0"),
        std::string("\"\\u00e9\\n\""),
        std::string("{\"a\":[1,true,{\"b\":null}],\"c\":\"中\"}\n"), deep_ok}) {
    EXPECT_TRUE(CheckJsonSyntax(text).ok())
        << text << CheckJsonSyntax(text).message();
  }
}

TEST(JsonSyntaxTest, SaysWhereItIsNot) {
  struct Case {
    std::string text;
    const char* line;
    const char* column;
    const char* reason = kJsonInvalid;
  };
  const Case cases[] = {
      {"", "1", "1"},
      {"{", "1", "2"},
      {"{\"a\":1", "1", "7"},
      {"{\"a\" 1}", "1", "6"},
      {"{a:1}", "1", "2"},
      {"{'a':1}", "1", "2"},
      {"{\"a\":1,}", "1", "8"},
      {"[1,]", "1", "4"},
      {"[1 2]", "1", "4"},
      {"{\"a\":\n  oops}", "2", "3"},
      {"01", "1", "2"},
      {"1.", "1", "3"},
      {"1e", "1", "3"},
      {"-", "1", "1"},
      {"+1", "1", "1"},
      {"NaN", "1", "1"},
      {"{} {}", "1", "4"},
      {"\"a\nb\"", "1", "3"},
      {"\"\\x\"", "1", "3"},
      {"\"\\u12g4\"", "1", "3"},
      {"\"abc", "1", "5"},
      {"{\"a\":tru}", "1", "6"},
      {"// x\n{}", "1", "1"},
      {std::string(65, '['), "1", "66"},
      {"{\"a\":\"\xff\"}", "1", "7", kEncodingInvalid},
      {"{\"a\":\"\xb9\xe3\"}", "1", "7", kEncodingInvalid},  // GBK
  };
  for (const Case& c : cases) {
    const absl::Status status = CheckJsonSyntax(c.text);
    EXPECT_EQ(ReasonOf(status), c.reason) << c.text;
    EXPECT_EQ(MetadataOf(status, "line"), c.line) << c.text;
    EXPECT_EQ(MetadataOf(status, "column"), c.column)
        << c.text << ": " << status.message();
  }
}

TEST(JsonSyntaxTest, BoundsTheDepthOfAnyShape) {
  std::string objects, mixed;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  for (int i = 0; i < 100'000; ++i) mixed += "[{\"a\":1,\"b\":";
  EXPECT_EQ(ReasonOf(CheckJsonSyntax(objects)), kJsonInvalid);
  EXPECT_EQ(ReasonOf(CheckJsonSyntax(mixed)), kJsonInvalid);
}

TEST(JsonCodecTest, NamesTheFieldThatIsWrong) {
  struct Case {
    const char* json;
    const char* field;
    const char* allowed;
    const char* nearest = "";
  };
  const Case cases[] = {
      {R"({"titel":"x"})", "posting.titel", "gradmatch.v1.Posting 的字段",
       "title"},
      {R"({"locations":[{"region":{"cod":1}}]})",
       "posting.locations[0].region.cod", "gradmatch.v1.Code 的字段", "code"},
      {R"({"openings":"x"})", "posting.openings", "32 位整数"},
      {R"({"openings":99999999999})", "posting.openings", "32 位整数"},
      {R"({"openings":1.5})", "posting.openings", "32 位整数"},
      {R"({"revision":"99999999999999999999"})", "posting.revision",
       "64 位整数（JSON 中写成字符串或数字）"},
      {R"({"title":5})", "posting.title", "字符串"},
      {R"({"expireTime":"tomorrow"})", "posting.expire_time",
       "RFC 3339 时间，如 2026-06-01T00:00:00Z"},
  };
  for (const Case& c : cases) {
    v1::Posting posting;
    const absl::Status status = JsonToMessage(c.json, "posting", posting);
    EXPECT_EQ(ReasonOf(status), kFieldInvalid) << c.json;
    EXPECT_EQ(FieldErrorOf(status).field, c.field) << status.message();
    EXPECT_EQ(FieldErrorOf(status).allowed, c.allowed) << c.json;
    EXPECT_EQ(FieldErrorOf(status).nearest, c.nearest) << c.json;
  }
  v1::Posting posting;
  EXPECT_THAT(
      FieldErrorOf(JsonToMessage(R"({"state":"OPNE"})", "", posting)).allowed,
      HasSubstr("STATE_OPEN"));
  for (const char* json : {"[1]", "5", "\"x\"", R"({"employer":[1]})",
                           R"({"title":{}})", R"({"title":"\ud800"})"}) {
    EXPECT_EQ(ReasonOf(JsonToMessage(json, "", posting)), kFieldInvalid)
        << json;
  }
}

TEST(JsonCodecTest, GoesBothWays) {
  v1::Posting posting;
  ASSERT_TRUE(JsonToMessage(R"({"sourcePostingId":"1","revision":"7",
      "state":"STATE_OPEN","title":"测绘 \"一\"","openings":2,
      "expireTime":"2026-06-01T00:00:00Z","locations":[{"address":"武汉"}]})",
                            "", posting)
                  .ok());
  EXPECT_EQ(posting.revision(), 7);
  EXPECT_EQ(posting.locations(0).address(), "武汉");
  const auto json = MessageToJson(posting);
  ASSERT_TRUE(json.ok());
  EXPECT_THAT(*json, HasSubstr(R"("revision":"7")"));
  EXPECT_THAT(*json, HasSubstr(R"("state":"STATE_OPEN")"));
  v1::Posting again;
  ASSERT_TRUE(JsonToMessage(*json, "", again).ok());
  EXPECT_EQ(again.SerializeAsString(), posting.SerializeAsString());
  EXPECT_EQ(JsonQuote("a\"\\\n\x01中"), "\"a\\\"\\\\\\n\\u0001中\"");
}

TEST(EtagTest, ComparesAsHttpSays) {
  EXPECT_TRUE(NoneMatchNames("\"5\"", "\"5\""));
  EXPECT_TRUE(NoneMatchNames("\"4\", W/\"5\"", "\"5\""));
  EXPECT_TRUE(NoneMatchNames("*", "\"5\""));
  EXPECT_FALSE(NoneMatchNames("\"55\"", "\"5\""));
  EXPECT_EQ(*ParseIfMatch("\"5\""), "5");
  EXPECT_EQ(*ParseIfMatch("*"), "");
  for (const char* bad : {"5", "W/\"5\"", "\"4\", \"5\"", "\"\""}) {
    EXPECT_EQ(FieldErrorOf(ParseIfMatch(bad).status()).field, "If-Match")
        << bad;
  }
  v1::Posting posting;
  posting.set_etag("9");
  const std::string wire = posting.SerializeAsString();
  EXPECT_EQ(EtagOf(*v1::Posting::descriptor(), wire, "{}"), "\"9\"");
  const auto& list = *v1::ListPostingsResponse::descriptor();
  EXPECT_EQ(EtagOf(list, "", "{}"), EtagOf(list, "", "{}"));
  EXPECT_NE(EtagOf(list, "", "{}"), EtagOf(list, "", "{ }"));
}

TEST(HttpErrorTest, HasStatusHeadersAndDetails) {
  const HttpReply invalid =
      ErrorReply(InvalidField(kCodeUnknown, {.field = "a.b", .value = "9"}));
  EXPECT_EQ(invalid.status, 400);
  EXPECT_THAT(invalid.body, HasSubstr(R"("code":3)"));
  EXPECT_THAT(invalid.body, HasSubstr(R"("reason":"CODE_UNKNOWN")"));
  EXPECT_THAT(
      invalid.body,
      HasSubstr(R"("@type":"type.googleapis.com/google.rpc.BadRequest")"));
  const HttpReply busy = ErrorReply(Overloaded(kQuotaExceeded, "x", 1'200));
  EXPECT_EQ(busy.status, 429);
  EXPECT_THAT(busy.headers,
              testing::Contains(testing::Pair("Retry-After", "2")));
  const absl::Status etag =
      MakeError(absl::StatusCode::kAborted, kEtagMismatch, "x");
  EXPECT_EQ(ErrorReply(etag).status, 409);
  EXPECT_EQ(ErrorReply(etag, true).status, 412);
  const HttpReply absent = ErrorReply(absl::UnimplementedError(""));
  EXPECT_EQ(absent.status, 501);
  EXPECT_THAT(absent.body, HasSubstr("METHOD_UNIMPLEMENTED"));
  // What is ours stays ours.
  EXPECT_THAT(ErrorReply(absl::InternalError("/var/lib/x")).body,
              testing::Not(HasSubstr("/var/lib")));
}

// The registry, its page and the header of reasons say the same.
TEST(ErrorRegistryTest, HasEveryReasonOnce) {
  const std::string header = ReadFile("index/base/error_reasons.h");
  const std::regex reason(R"re(constexpr char k(\w+)\[\] =\s+"([A-Z_]+)";)re");
  std::set<std::string> reasons;
  for (std::sregex_iterator it(header.begin(), header.end(), reason), end;
       it != end; ++it) {
    reasons.insert((*it)[2]);
  }
  ASSERT_GT(reasons.size(), 50u);
  std::set<std::string> entries;
  for (const ErrorEntry& entry : ErrorRegistry()) {
    EXPECT_TRUE(entries.emplace(entry.reason).second) << entry.reason;
    EXPECT_FALSE(entry.codes.empty()) << entry.reason;
    EXPECT_FALSE(entry.meaning.empty()) << entry.reason;
    EXPECT_FALSE(entry.advice.empty()) << entry.reason;
  }
  EXPECT_EQ(entries, reasons)
      << "add what is missing to server/error_entries.cc, then run "
         "tools/renew_api_pages";
}

TEST(ErrorRegistryTest, PageIsWhatTheRegistryGives) {
  EXPECT_TRUE(ReadFile("server/errors.zh.md") == ErrorPage())
      << "server/errors.zh.md is not what the registry gives: run "
         "tools/renew_api_pages";
}

TEST(LineSplitterTest, CutsLinesWhereverThePiecesEnd) {
  const std::string body = "one\r\n\n  \ntwo\nwaytoolongline\nthree";
  for (size_t size = 1; size <= body.size(); ++size) {
    std::vector<std::string> seen;
    LineSplitter lines(5, [&](const LineSplitter::Line& line) {
      seen.push_back(absl::StrCat(line.number, line.too_long ? "!" : "=",
                                  std::string(line.text)));
      return true;
    });
    for (size_t at = 0; at < body.size(); at += size) {
      ASSERT_TRUE(lines.Add(std::string_view(body).substr(at, size)));
    }
    ASSERT_TRUE(lines.Finish());
    EXPECT_THAT(seen, ElementsAre("1=one", "4=two", "5!", "6=three"))
        << "pieces of " << size;
  }
}

TEST(SyncRowsTest, TellsRowsFromResources) {
  auto messages = SyncMessages::Of(*v1::SyncPostingsRequest::descriptor(),
                                   *v1::SyncPostingsResponse::descriptor());
  ASSERT_TRUE(messages.has_value());
  const auto row = [&](const std::string& text, int64_t number,
                       std::string* reason) {
    std::optional<v1::RowError> refused;
    v1::SyncPostingsRequest request;
    EXPECT_TRUE(request.ParseFromString(
        messages->RowRequest({.text = text, .number = number}, refused)));
    *reason = refused.has_value() ? refused->reason() : "";
    return request.row();
  };
  std::string reason;
  v1::SyncPostingRow got =
      row(R"({"title":"x","sourcePostingId":"1"})", 4, &reason);
  EXPECT_EQ(got.row_number(), 4);
  EXPECT_EQ(got.upsert().title(), "x");
  got = row(R"({"rowNumber":"9","upsert":{"title":"y"}})", 4, &reason);
  EXPECT_EQ(got.row_number(), 9);
  EXPECT_EQ(got.upsert().title(), "y");
  got = row(R"({"close":{"sourcePostingId":"1"}})", 5, &reason);
  EXPECT_EQ(got.row_number(), 5);
  EXPECT_EQ(got.close().source_posting_id(), "1");
  EXPECT_EQ(reason, "");
  got = row("{oops", 6, &reason);
  EXPECT_EQ(reason, kJsonInvalid);
  EXPECT_EQ(got.row_number(), 6);
  EXPECT_EQ(got.operation_case(), v1::SyncPostingRow::OPERATION_NOT_SET);
  row("[1]", 7, &reason);
  EXPECT_EQ(reason, kFieldInvalid);
  row("{\"title\":\"\xff\"}", 7, &reason);
  EXPECT_EQ(reason, kEncodingInvalid);
}

TEST(SyncRowsTest, AnswersLineByLineWithItsOwnErrors) {
  auto messages = SyncMessages::Of(*v1::SyncPostingsRequest::descriptor(),
                                   *v1::SyncPostingsResponse::descriptor());
  v1::SyncPostingsResponse response;
  for (int i = 1; i <= 3; ++i) {
    auto& result = *response.mutable_results()->add_results();
    result.set_row_number(i);
    result.set_name("a\"],[{");
    result.set_status(v1::SyncRowResult::STATUS_REJECTED);
    result.mutable_error()->set_reason(kFieldMissing);
  }
  const auto answer =
      messages->ReadAnswer(response.SerializeAsString(),
                           [](int64_t row) -> std::optional<v1::RowError> {
                             if (row != 1) return std::nullopt;
                             v1::RowError error;
                             error.set_reason(kJsonInvalid);
                             return error;
                           });
  ASSERT_TRUE(answer.ok());
  ASSERT_EQ(answer->lines.size(), 3u);
  EXPECT_THAT(answer->lines[0], HasSubstr(R"("rowNumber":"1")"));
  EXPECT_THAT(answer->lines[0], HasSubstr(kFieldMissing));
  EXPECT_THAT(answer->lines[1], HasSubstr(kJsonInvalid));
  for (const std::string& line : answer->lines) {
    EXPECT_TRUE(CheckJsonSyntax(line).ok()) << line;
  }
}

}  // namespace
}  // namespace gradmatch
