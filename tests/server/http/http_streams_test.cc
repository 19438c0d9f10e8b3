// HTTP over real sockets where threads meet: syncs and streams as lines, slow
// and vanishing ends, many connections, loading and draining.

#include <atomic>
#include <random>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/error_reasons.h"
#include "server/http/json_codec.h"
#include "tests/server/http/http_client.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;

constexpr char kLines[] = "Content-Type: application/x-ndjson";
constexpr char kChunks[] = "Transfer-Encoding: chunked";

// A posting of a list in which some rows are wrong or the same again.
v1::Posting RowPosting(int i) {
  v1::Posting posting = GoodPosting(absl::StrCat("p-", i % 9'500));
  if (i % 97 == 3) posting.clear_title();
  if (i % 101 == 5) posting.mutable_salary()->set_min_monthly(-5);
  return posting;
}

std::string Json(const google::protobuf::Message& message) {
  return MessageToJson(message).value();
}

class HttpStreamsTest : public testing::Test {
 protected:
  HttpStreamsTest() { server_.AddSource("gd"); }

  int port() { return server_.server().http_port(); }
  bool Has(const std::string& name) {
    v1::GetPostingRequest request;
    request.set_name(name);
    v1::Posting response;
    return server_
        .Call(server_.postings(), &v1::PostingService::Stub::GetPosting,
              request, response)
        .ok();
  }
  // Until no stream is open, however long a busy machine takes.
  void AwaitNoStream() {
    for (int i = 0; i < 6'000; ++i) {
      if (server_.server().runtime().streams.open() == 0) return;
      absl::SleepFor(absl::Milliseconds(10));
    }
    FAIL() << "a stream is still open";
  }

  // What a sync over gRPC answers, as the lines of HTTP.
  std::vector<std::string> SyncOverGrpc(const std::string& source,
                                        const std::vector<v1::Posting>& rows) {
    grpc::ClientContext context;
    auto stub = server_.postings();
    auto stream = stub->SyncPostings(&context);
    v1::SyncPostingsRequest request;
    request.mutable_begin()->set_source("sources/" + source);
    request.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
    stream->Write(request);
    std::thread writer([&] {
      for (size_t i = 0; i < rows.size(); ++i) {
        v1::SyncPostingsRequest one;
        one.mutable_row()->set_row_number(static_cast<int64_t>(i) + 1);
        *one.mutable_row()->mutable_upsert() = rows[i];
        stream->Write(one);
      }
      v1::SyncPostingsRequest last;
      last.mutable_commit();
      stream->Write(last);
      stream->WritesDone();
    });
    std::vector<std::string> lines;
    v1::SyncPostingsResponse response;
    while (stream->Read(&response)) {
      for (const auto& result : response.results().results()) {
        lines.push_back(Comparable(result));
      }
      if (response.has_committed()) {
        lines.push_back("{\"committed\":" + Json(response.committed()) + "}");
      }
    }
    writer.join();
    EXPECT_TRUE(stream->Finish().ok());
    return lines;
  }
  // Without what differs between two sources.
  static std::string Comparable(v1::SyncRowResult result) {
    const size_t slash = result.name().rfind('/');
    if (slash != std::string::npos)
      result.set_name(result.name().substr(slash));
    result.clear_etag();
    return Json(result);
  }
  static std::string Comparable(const std::string& line) {
    v1::SyncRowResult result;
    if (line.starts_with("{\"committed\"")) return line;
    EXPECT_TRUE(JsonToMessage(line, "", result).ok()) << line;
    return Comparable(result);
  }

  TestServer server_{
      {{"server.http_threads", "4"}, {"server.stream_idle", "20s"}}};
};

TEST_F(HttpStreamsTest, SyncOfTenThousandRowsIsGrpcs) {
  server_.AddSource("hubei");
  std::vector<v1::Posting> rows;
  for (int i = 0; i < 10'000; ++i) rows.push_back(RowPosting(i));
  const std::vector<std::string> want = SyncOverGrpc("gd", rows);
  ASSERT_EQ(want.size(), rows.size() + 1);

  HttpClient http(port());
  ASSERT_TRUE(http.Send(HttpClient::Request(
      "POST", "/v1/sources/hubei/postings:sync?expectedCount=10000", "",
      {kLines, kChunks})));
  std::thread writer([&] {
    // Pieces end anywhere, as they do on a network.
    std::mt19937 random(7);
    std::string body;
    for (size_t i = 0; i < rows.size(); ++i) {
      // Every other row as the resource itself.
      v1::SyncPostingRow row;
      row.set_row_number(static_cast<int64_t>(i) + 1);
      *row.mutable_upsert() = rows[i];
      body += (i % 2 == 0 ? Json(row) : Json(rows[i])) + "\n";
    }
    for (size_t at = 0; at < body.size();) {
      const size_t size = 1 + random() % 100'000;
      if (!http.Send(HttpClient::Chunk(body.substr(at, size)))) break;
      at += size;
    }
    http.Send(HttpClient::Chunk(""));
  });
  EXPECT_EQ(http.ReadHead().status, 200);
  std::vector<std::string> got;
  for (std::string line = http.ReadLine(); !line.empty();
       line = http.ReadLine()) {
    got.push_back(Comparable(line));
  }
  writer.join();
  ASSERT_EQ(got.size(), want.size());
  for (size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], want[i]) << i;
  // The connection goes on.
  EXPECT_EQ(http.Call("GET", "/healthz").status, 200);
}

TEST_F(HttpStreamsTest, LinesThatAreNoRowsFailAlone) {
  const std::string body = absl::StrCat(
      Json(GoodPosting("1")), "\n", "{\"title\":\n", "\r\n",
      "{\"upsert\":{\"titel\":\"x\"}}\r\n", "\xff\n",
      "{\"rowNumber\":\"70\",\"upsert\":", Json(GoodPosting("2")), "}\n",
      std::string(3 << 20, ' '), "x\n", "{}\n", Json(GoodPosting("3")));
  HttpClient http(port());
  const auto response = http.Call(
      "POST", "/v1/sources/gd/postings:sync?expectedCount=8", body, {kLines});
  ASSERT_EQ(response.status, 200) << response.body;
  std::vector<std::string> seen;
  v1::SyncCommitted committed;
  for (const absl::string_view line :
       absl::StrSplit(response.body, '\n', absl::SkipEmpty())) {
    v1::SyncRowResult result;
    if (absl::StartsWith(line, "{\"committed\":")) {
      const absl::string_view counts = line.substr(13, line.size() - 14);
      ASSERT_TRUE(
          JsonToMessage({counts.data(), counts.size()}, "", committed).ok());
      continue;
    }
    ASSERT_TRUE(JsonToMessage({line.data(), line.size()}, "", result).ok());
    seen.push_back(absl::StrCat(
        result.row_number(), " ",
        v1::SyncRowResult::Status_Name(result.status()).substr(7), " ",
        result.error().reason(), " ", result.error().field()));
  }
  EXPECT_THAT(seen, testing::ElementsAre(
                        "1 CREATED  ", "2 REJECTED JSON_INVALID ",
                        "4 REJECTED FIELD_INVALID upsert.titel",
                        "5 REJECTED ENCODING_INVALID ", "70 CREATED  ",
                        "7 REJECTED FIELD_TOO_LONG (line)",
                        "8 REJECTED FIELD_MISSING operation", "9 CREATED  "));
  EXPECT_EQ(committed.received(), 8);
  EXPECT_EQ(committed.rejected(), 5);
  EXPECT_EQ(committed.created(), 3);
  EXPECT_EQ(committed.warnings_size(), 0);  // as many rows as announced
}

TEST_F(HttpStreamsTest, AnswersWhileTheBodyIsStillOpen) {
  HttpClient http(port());
  ASSERT_TRUE(http.Send(HttpClient::Request(
      "POST", "/v1/sources/gd/postings:sync", "", {kLines, kChunks})));
  EXPECT_EQ(http.ReadHead().status, 200);
  for (int i = 1; i <= 3; ++i) {
    http.Send(HttpClient::Chunk(Json(GoodPosting(absl::StrCat(i))) + "\n"));
    // Not before it is there to be seen.
    EXPECT_THAT(http.ReadLine(), HasSubstr("STATUS_CREATED"));
    EXPECT_TRUE(Has(absl::StrCat("sources/gd/postings/", i)));
  }
  http.Send(HttpClient::Chunk(""));
  EXPECT_THAT(http.ReadLine(), HasSubstr("\"committed\":{\"received\":\"3\""));
}

TEST_F(HttpStreamsTest, ValidateOnlyAndEmptyBodiesWriteNothing) {
  HttpClient http(port());
  const auto dry =
      http.Call("POST", "/v1/sources/gd/postings:sync?validateOnly=true",
                Json(GoodPosting("1")), {kLines});
  EXPECT_THAT(dry.body, HasSubstr("\"created\":\"1\""));
  EXPECT_FALSE(Has("sources/gd/postings/1"));
  const auto empty = http.Call("POST", "/v1/sources/gd/postings:sync");
  EXPECT_EQ(empty.status, 200);
  EXPECT_EQ(empty.body, "{\"committed\":{}}\n");
}

TEST_F(HttpStreamsTest, WhoSendsFirstAndReadsLaterIsServed) {
  HttpClient http(port());
  std::string body;
  for (int i = 0; i < 10'000; ++i) {
    // Refused without being stored, so that the test is about the stream.
    absl::StrAppend(&body, "{\"sourcePostingId\":\"", i, "\"}\n");
  }
  ASSERT_TRUE(http.Send(HttpClient::Request(
      "POST", "/v1/sources/gd/postings:sync", body, {kLines})));
  const auto response = http.Read();
  EXPECT_TRUE(response.whole);
  EXPECT_THAT(response.body, HasSubstr("\"received\":\"10000\""));
}

// Who sends for ever and reads nothing is not read on, so that what is kept for
// it has a bound; and when it goes, the call ends.
TEST_F(HttpStreamsTest, WhoNeverReadsIsNotReadOn) {
  HttpClient http(port());
  ASSERT_TRUE(http.Send(HttpClient::Request(
      "POST", "/v1/sources/gd/postings:sync", "", {kLines, kChunks})));
  // Rows that are refused with long errors.
  std::string piece;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&piece, "{\"", std::string(90, 'x'), "\":1}\n");
  }
  constexpr int64_t kTooMuch = 256 << 20;
  std::atomic<int64_t> sent{0};
  std::thread writer([&] {
    while (sent < kTooMuch && http.Send(HttpClient::Chunk(piece))) {
      sent += static_cast<int64_t>(piece.size());
    }
  });
  int64_t before = -1;
  while (before != sent) {
    before = sent;
    absl::SleepFor(absl::Seconds(1));
  }
  EXPECT_GT(sent, 1 << 20);
  EXPECT_LT(sent, kTooMuch);
  http.Abort();
  writer.join();
  AwaitNoStream();
}

// Results are left unread for a while; once read, all of it is there.
TEST_F(HttpStreamsTest, SlowReadersGetEverything) {
  HttpClient http(port());
  ASSERT_TRUE(http.Send(HttpClient::Request(
      "POST", "/v1/sources/gd/postings:sync", "", {kLines, kChunks})));
  std::atomic<int> sent{0};
  constexpr int kPieces = 100;
  std::string piece;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&piece, "{\"title\":\"", i, "\"}\n");
  }
  std::thread writer([&] {
    for (; sent < kPieces; ++sent) http.Send(HttpClient::Chunk(piece));
    http.Send(HttpClient::Chunk(""));
  });
  int before = -1;
  while (before != sent) {  // until it stands still, or is through
    before = sent;
    absl::SleepFor(absl::Milliseconds(300));
  }
  http.ReadHead();
  int lines = 0;
  std::string last;
  for (std::string line = http.ReadLine(); !line.empty();
       line = http.ReadLine()) {
    ++lines;
    last = line;
  }
  writer.join();
  EXPECT_EQ(lines, kPieces * 200 + 1);
  EXPECT_THAT(last, HasSubstr(absl::StrCat("\"received\":\"", kPieces * 200)));
}

TEST_F(HttpStreamsTest, SendersThatVanishEndTheCall) {
  {
    HttpClient http(port());
    ASSERT_TRUE(http.Send(HttpClient::Request(
        "POST", "/v1/sources/gd/postings:sync", "", {kLines, kChunks})));
    http.Send(HttpClient::Chunk(Json(GoodPosting("1")) + "\n"));
    http.ReadHead();
    EXPECT_THAT(http.ReadLine(), HasSubstr("STATUS_CREATED"));
    http.Send("fff\r\n{\"sourcePostingId\":\"2\"");  // and gone
  }
  AwaitNoStream();
  EXPECT_TRUE(Has("sources/gd/postings/1"));  // acknowledged
  EXPECT_FALSE(Has("sources/gd/postings/2"));
}

TEST_F(HttpStreamsTest, ACutBodyIsToldInTheLastLine) {
  HttpClient http(port());
  ASSERT_TRUE(http.Send(HttpClient::Request(
      "POST", "/v1/sources/gd/postings:sync", "", {kLines, kChunks})));
  http.Send(HttpClient::Chunk(Json(GoodPosting("1")) + "\n"));
  http.ReadHead();
  EXPECT_THAT(http.ReadLine(), HasSubstr("STATUS_CREATED"));
  http.HalfClose();
  const std::string last = http.ReadLine();
  EXPECT_THAT(last, HasSubstr("{\"error\":{"));
  EXPECT_THAT(last, HasSubstr(kBodyIncomplete));
  EXPECT_EQ(http.ReadLine(), "");
  EXPECT_TRUE(http.ClosedByServer());
}

TEST_F(HttpStreamsTest, StreamsLeaveThreadsForTheRest) {
  // Of four threads two may hold streams.
  std::vector<std::unique_ptr<HttpClient>> open;
  for (const char* source : {"gd", "hubei"}) {
    if (std::string(source) != "gd") server_.AddSource(source);
    open.push_back(std::make_unique<HttpClient>(port()));
    open.back()->Send(HttpClient::Request(
        "POST", absl::StrCat("/v1/sources/", source, "/postings:sync"), "",
        {kLines, kChunks}));
    EXPECT_EQ(open.back()->ReadHead().status, 200);
  }
  HttpClient third(port());
  const auto refused =
      third.Call("POST", "/v1/sources/gd/postings:sync", "{}", {kLines});
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.headers.at("retry-after"), "1");
  HttpClient other(port());
  EXPECT_EQ(other.Call("GET", "/v1/sources").status, 200);
  open.clear();
  AwaitNoStream();
}

TEST_F(HttpStreamsTest, IdleConnectionsHoldNoThread) {
  std::vector<std::unique_ptr<HttpClient>> idle;
  for (int i = 0; i < 60; ++i) {
    idle.push_back(std::make_unique<HttpClient>(port()));
    if (i % 2 == 0) {
      EXPECT_EQ(idle.back()->Call("GET", "/healthz").status, 200);
    }
  }
  for (int round = 0; round < 2; ++round) {
    for (auto& http : idle) {
      EXPECT_EQ(http->Call("GET", "/v1/sources").status, 200);
    }
  }
}

TEST_F(HttpStreamsTest, ManyCallersAtOnceGetTheirOwnAnswers) {
  for (int i = 0; i < 8; ++i) server_.AddSource(absl::StrCat("s", i));
  std::vector<std::thread> callers;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&, i] {
      const std::string name = absl::StrCat("sources/s", i);
      HttpClient http(port());
      for (int n = 0; n < 40; ++n) {
        const auto response = http.Call("GET", "/v1/" + name);
        if (response.status != 200 ||
            response.body.find("\"" + name + "\"") == std::string::npos) {
          ++wrong;
        }
        if (n % 10 == 9) {
          const auto sync =
              http.Call("POST", "/v1/" + name + "/postings:sync",
                        Json(GoodPosting(absl::StrCat(n))) + "\n", {kLines});
          // Streams may be refused here, never mixed up.
          if (sync.status != 429 &&
              sync.body.find(name + "/postings/") == std::string::npos) {
            ++wrong;
          }
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(wrong, 0);
}

TEST(HttpLifecycleTest, LoadsServesAndDrains) {
  TestServer server{};
  server.Stop();
  server.Listen();
  const int port = server.server().http_port();
  HttpClient http(port);
  EXPECT_EQ(http.Call("GET", "/healthz").status, 200);
  const auto loading = http.Call("GET", "/readyz");
  EXPECT_EQ(loading.status, 503);
  EXPECT_THAT(loading.body, HasSubstr(kIndexLoading));
  EXPECT_EQ(http.Call("GET", "/v1/serverInfo").status, 200);
  EXPECT_EQ(http.Call("GET", "/v1/sources").status, 503);
  EXPECT_THAT(http.Call("GET", "/metrics").body,
              HasSubstr("gradmatch_ready 0"));
  server.Load();
  EXPECT_EQ(http.Call("GET", "/readyz").status, 200);
  EXPECT_EQ(http.Call("GET", "/v1/sources").status, 200);
  server.AddSource("gd");
  // A stream under way ends with a reason, and nobody waits for its sender.
  HttpClient stream(port);
  ASSERT_TRUE(stream.Send(HttpClient::Request(
      "POST", "/v1/sources/gd/postings:sync", "", {kLines, kChunks})));
  EXPECT_EQ(stream.ReadHead().status, 200);
  std::thread stop([&] { server.server().Drain(); });
  EXPECT_THAT(stream.ReadLine(), HasSubstr(kDraining));
  stop.join();
  EXPECT_TRUE(http.ClosedByServer());
  EXPECT_FALSE(HttpClient(port).connected());
}

TEST(HttpLifecycleTest, CanBeSwitchedOffAndClosesIdleConnections) {
  TestServer none{{{"server.http_listen", ""}}};
  EXPECT_EQ(none.server().http_port(), 0);
  TestServer quick{{{"server.http_idle", "50ms"}}};
  HttpClient http(quick.server().http_port());
  EXPECT_EQ(http.Call("GET", "/healthz").status, 200);
  EXPECT_TRUE(http.ClosedByServer());
}

class HttpPushTest : public PushFixture {};

TEST_F(HttpPushTest, StreamsItemsAsLines) {
  Fill(4, 30);
  MakePlan("nightly");
  const v1::PushRun run = RunToTheEnd("nightly", "one");
  ASSERT_GT(run.counts().items(), 0);
  HttpClient http(server_.server().http_port());
  const auto response =
      http.Call("GET", "/v1/pushRuns/one/items:stream?intentOnly=true");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.headers.at("content-type"), "application/x-ndjson");
  int64_t items = 0;
  for (const absl::string_view line :
       absl::StrSplit(response.body, '\n', absl::SkipEmpty())) {
    v1::StreamPushItemsResponse message;
    ASSERT_TRUE(JsonToMessage({line.data(), line.size()}, "", message).ok())
        << line;
    items += message.push_items_size();
  }
  EXPECT_EQ(items, run.counts().items());
  // Operations have paths too.
  EXPECT_THAT(http.Call("GET", "/v1/operations/push-one").body,
              HasSubstr("\"done\":true"));
}

}  // namespace
}  // namespace gradmatch
