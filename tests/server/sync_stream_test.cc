// Sync streams over a real socket.
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "tests/server/test_server.h"

namespace gradmatch {
namespace {

using Status = v1::SyncRowResult;

// One sync as a sender writes it.
class Sender {
 public:
  explicit Sender(TestServer& server)
      : stub_(server.postings()), stream_(stub_->SyncPostings(&context_)) {}

  void Begin(const v1::SyncBegin& begin) {
    v1::SyncPostingsRequest request;
    *request.mutable_begin() = begin;
    stream_->Write(request);
  }
  static v1::SyncBegin Incremental(const std::string& source = "sources/gd") {
    v1::SyncBegin begin;
    begin.set_source(source);
    begin.set_mode(v1::SYNC_MODE_INCREMENTAL);
    return begin;
  }
  bool Row(const v1::SyncPostingRow& row) {
    v1::SyncPostingsRequest request;
    *request.mutable_row() = row;
    request.mutable_row()->set_row_number(++rows_);
    return stream_->Write(request);
  }
  bool Upsert(const v1::Posting& posting) {
    v1::SyncPostingRow row;
    *row.mutable_upsert() = posting;
    return Row(row);
  }
  void Commit() {
    v1::SyncPostingsRequest request;
    request.mutable_commit();
    stream_->Write(request);
  }
  void Done() { stream_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }

  // Reads one message into the fields below; false at the end.
  bool ReadOne() {
    v1::SyncPostingsResponse response;
    if (!stream_->Read(&response)) return false;
    if (response.has_begun()) begun = response.begun();
    if (response.has_committed()) committed = response.committed();
    for (const auto& result : response.results().results()) {
      results.push_back(result);
    }
    return true;
  }
  absl::Status Finish() {
    while (ReadOne()) {
    }
    return TestServer::FromWire(stream_->Finish());
  }

  v1::SyncBegun begun;
  std::vector<Status> results;
  v1::SyncCommitted committed;

 private:
  grpc::ClientContext context_;
  std::unique_ptr<v1::PostingService::Stub> stub_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::SyncPostingsRequest,
                                           v1::SyncPostingsResponse>>
      stream_;
  int64_t rows_ = 0;
};

class SyncStreamTest : public testing::Test {
 protected:
  SyncStreamTest() { server_.AddSource("gd"); }

  int Stored() {
    v1::ListPostingsRequest request;
    request.set_parent("sources/gd");
    request.set_page_size(1'000);
    v1::ListPostingsResponse response;
    EXPECT_TRUE(server_
                    .Call(server_.postings(),
                          &v1::PostingService::Stub::ListPostings, request,
                          response)
                    .ok());
    return response.postings_size();
  }

  TestServer server_;
};

TEST_F(SyncStreamTest, AnswersEveryRowInOrderAndCountsAddUp) {
  Sender sender(server_);
  v1::SyncBegin begin = Sender::Incremental();
  begin.set_expected_count(9);
  sender.Begin(begin);
  sender.Upsert(GoodPosting("a"));
  sender.Upsert(GoodPosting("b"));
  sender.Upsert(GoodPosting("a"));  // the same again
  v1::Posting bad = GoodPosting("c");
  bad.clear_title();
  sender.Upsert(bad);
  v1::Posting held = GoodPosting("d");
  held.set_requirements("仅限985、211院校毕业生。");
  sender.Upsert(held);
  v1::SyncPostingRow close;
  close.mutable_close()->set_source_posting_id("b");
  sender.Row(close);
  sender.Row({});  // no operation
  v1::Posting newer = GoodPosting("a");
  newer.set_title("高级软件工程师");
  newer.set_revision(5);
  sender.Upsert(newer);
  newer.set_title("旧标题");
  newer.set_revision(4);
  sender.Upsert(newer);
  sender.Commit();
  sender.Done();
  const absl::Status status = sender.Finish();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_GT(sender.begun.window_rows(), 0);
  const std::vector<Status::Status> want = {
      Status::STATUS_CREATED,     Status::STATUS_CREATED,
      Status::STATUS_UNCHANGED,   Status::STATUS_REJECTED,
      Status::STATUS_QUARANTINED, Status::STATUS_CLOSED,
      Status::STATUS_REJECTED,    Status::STATUS_UPDATED,
      Status::STATUS_STALE};
  ASSERT_EQ(sender.results.size(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(sender.results[i].row_number(), static_cast<int64_t>(i + 1));
    EXPECT_EQ(sender.results[i].status(), want[i]) << i;
  }
  EXPECT_EQ(sender.results[3].error().reason(), kFieldMissing);
  EXPECT_EQ(sender.results[3].error().field(), "title");
  EXPECT_EQ(sender.results[6].error().field(), "operation");
  const v1::SyncCommitted& c = sender.committed;
  EXPECT_EQ(c.received(), 9);
  EXPECT_EQ(c.created(), 2);
  EXPECT_EQ(c.updated(), 1);
  EXPECT_EQ(c.unchanged(), 1);
  EXPECT_EQ(c.stale(), 1);
  EXPECT_EQ(c.closed(), 1);
  EXPECT_EQ(c.quarantined(), 1);
  EXPECT_EQ(c.rejected(), 2);
  EXPECT_EQ(c.warnings_size(), 0);
}

TEST_F(SyncStreamTest, AcknowledgedRowIsVisibleAtOnce) {
  Sender sender(server_);
  sender.Begin(Sender::Incremental());
  sender.Upsert(GoodPosting("a"));
  while (sender.results.empty()) ASSERT_TRUE(sender.ReadOne());
  EXPECT_EQ(Stored(), 1);
  sender.Commit();
  EXPECT_TRUE(sender.Finish().ok());
}

// The sender does not read until all is sent: more than the windows of both
// directions would be stuck without flow control on both sides.
TEST_F(SyncStreamTest, ThousandsOfRowsWithAReaderBesideTheWriter) {
  Sender sender(server_);
  sender.Begin(Sender::Incremental());
  constexpr int kRows = 3'000;
  std::thread reader([&] {
    while (sender.ReadOne()) {
    }
  });
  for (int i = 0; i < kRows; ++i) {
    ASSERT_TRUE(sender.Upsert(GoodPosting("p" + std::to_string(i))));
  }
  sender.Commit();
  sender.Done();
  reader.join();
  const absl::Status status = sender.Finish();
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_EQ(sender.results.size(), static_cast<size_t>(kRows));
  for (int i = 0; i < kRows; ++i) {
    ASSERT_EQ(sender.results[i].row_number(), i + 1);
    ASSERT_EQ(sender.results[i].status(), Status::STATUS_CREATED);
  }
  EXPECT_EQ(sender.committed.created(), kRows);
}

TEST_F(SyncStreamTest, CutStreamKeepsWhatWasAcknowledged) {
  std::set<std::string> acknowledged;
  {
    Sender sender(server_);
    sender.Begin(Sender::Incremental());
    for (int i = 0; i < 50; ++i) {
      sender.Upsert(GoodPosting("p" + std::to_string(i)));
    }
    while (sender.results.empty()) ASSERT_TRUE(sender.ReadOne());
    for (const auto& result : sender.results)
      acknowledged.insert(result.name());
    sender.Cancel();
    EXPECT_EQ(sender.Finish().code(), absl::StatusCode::kCancelled);
  }
  server_.Stop();
  server_.Start();
  for (const std::string& name : acknowledged) {
    v1::GetPostingRequest request;
    request.set_name(name);
    v1::Posting posting;
    EXPECT_TRUE(server_
                    .Call(server_.postings(),
                          &v1::PostingService::Stub::GetPosting, request,
                          posting)
                    .ok())
        << name;
  }
  // The source is free again, and what was sent can be sent once more.
  Sender again(server_);
  again.Begin(Sender::Incremental());
  for (int i = 0; i < 50; ++i) {
    again.Upsert(GoodPosting("p" + std::to_string(i)));
  }
  again.Commit();
  ASSERT_TRUE(again.Finish().ok());
  EXPECT_EQ(again.committed.received(), 50);
  EXPECT_EQ(again.committed.created() + again.committed.unchanged(), 50);
  EXPECT_EQ(Stored(), 50);
}

TEST_F(SyncStreamTest, OneSyncOfASourceAtATime) {
  Sender first(server_);
  first.Begin(Sender::Incremental());
  ASSERT_TRUE(first.ReadOne());
  Sender second(server_);
  second.Begin(Sender::Incremental());
  const absl::Status refused = second.Finish();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(refused), kImportAlreadyRunning);
  first.Commit();
  EXPECT_TRUE(first.Finish().ok());
  Sender third(server_);
  third.Begin(Sender::Incremental());
  third.Commit();
  EXPECT_TRUE(third.Finish().ok());
}

TEST_F(SyncStreamTest, ValidateOnlyWritesNothing) {
  Sender sender(server_);
  v1::SyncBegin begin = Sender::Incremental();
  begin.set_validate_only(true);
  sender.Begin(begin);
  sender.Upsert(GoodPosting("a"));
  sender.Commit();
  ASSERT_TRUE(sender.Finish().ok());
  EXPECT_EQ(sender.results[0].status(), Status::STATUS_CREATED);
  EXPECT_EQ(Stored(), 0);
}

TEST_F(SyncStreamTest, TooLargeRowIsRejectedAsARow) {
  Sender sender(server_);
  sender.Begin(Sender::Incremental());
  v1::Posting huge = GoodPosting("a");
  huge.set_description(std::string(2 << 20, 'x'));
  sender.Upsert(huge);
  sender.Upsert(GoodPosting("b"));
  sender.Commit();
  ASSERT_TRUE(sender.Finish().ok());
  ASSERT_EQ(sender.results.size(), 2u);
  EXPECT_EQ(sender.results[0].error().reason(), kFieldTooLong);
  EXPECT_EQ(sender.results[1].status(), Status::STATUS_CREATED);
}

TEST_F(SyncStreamTest, RequestIdIsOfOneSync) {
  v1::SyncBegin begin = Sender::Incremental();
  begin.set_request_id("night-1");
  for (const int warnings : {0, 1}) {
    Sender sender(server_);
    sender.Begin(begin);
    sender.Upsert(GoodPosting("a"));
    sender.Commit();
    ASSERT_TRUE(sender.Finish().ok());
    EXPECT_EQ(sender.committed.warnings_size(), warnings);
    EXPECT_EQ(sender.committed.unchanged(), warnings);
  }
  begin.set_expected_count(7);
  Sender other(server_);
  other.Begin(begin);
  EXPECT_EQ(ReasonOf(other.Finish()), kRequestIdReused);
}

TEST_F(SyncStreamTest, WrongOrderEndsTheStream) {
  {
    Sender sender(server_);
    sender.Upsert(GoodPosting("a"));
    EXPECT_EQ(Summary(sender.Finish()), "FAILED_PRECONDITION SYNC_ORDER");
  }
  {
    Sender sender(server_);
    sender.Begin(Sender::Incremental());
    sender.Begin(Sender::Incremental());
    EXPECT_EQ(Summary(sender.Finish()), "FAILED_PRECONDITION SYNC_ORDER");
  }
  {
    Sender sender(server_);
    sender.Begin(Sender::Incremental());
    sender.Done();
    EXPECT_EQ(Summary(sender.Finish()), "FAILED_PRECONDITION SYNC_ORDER");
  }
  {
    Sender sender(server_);
    v1::SyncBegin begin = Sender::Incremental();
    begin.set_mode(v1::SYNC_MODE_FULL);
    sender.Begin(begin);
    EXPECT_EQ(Summary(sender.Finish()),
              "FAILED_PRECONDITION SYNC_MODE_UNSUPPORTED");
  }
  {
    Sender sender(server_);
    sender.Begin(Sender::Incremental("sources/xx"));
    EXPECT_EQ(Summary(sender.Finish()), "NOT_FOUND SOURCE_NOT_FOUND");
  }
  EXPECT_EQ(Stored(), 0);
}

TEST(SyncIdleTest, SilentStreamIsEnded) {
  TestServer server(TestServer::Settings{{"server.stream_idle", "50ms"}});
  server.AddSource("gd");
  Sender sender(server);
  sender.Begin(Sender::Incremental());
  EXPECT_EQ(Summary(sender.Finish()), "DEADLINE_EXCEEDED DEADLINE_PASSED");
}

TEST(SyncDrainTest, DrainEndsStreamsAndKeepsWhatWasAcknowledged) {
  TestServer server;
  server.AddSource("gd");
  Sender sender(server);
  sender.Begin(Sender::Incremental());
  sender.Upsert(GoodPosting("a"));
  while (sender.results.empty()) ASSERT_TRUE(sender.ReadOne());
  std::thread drain([&] { server.server().Drain(); });
  EXPECT_EQ(Summary(sender.Finish()), "UNAVAILABLE DRAINING");
  drain.join();
}

// Senders of several sources, callers and cuts at the same time.
TEST(SyncConcurrencyTest, ManySourcesAtOnce) {
  TestServer server;
  constexpr int kSources = 4;
  for (int s = 0; s < kSources; ++s) server.AddSource("s" + std::to_string(s));
  std::vector<std::thread> threads;
  for (int s = 0; s < kSources; ++s) {
    threads.emplace_back([&server, s] {
      const std::string source = "sources/s" + std::to_string(s);
      for (int round = 0; round < 3; ++round) {
        Sender sender(server);
        sender.Begin(Sender::Incremental(source));
        for (int i = 0; i < 40; ++i) {
          sender.Upsert(GoodPosting("p" + std::to_string(i)));
        }
        if (round == 1) {
          sender.Cancel();
          EXPECT_FALSE(sender.Finish().ok());
          continue;
        }
        sender.Commit();
        // The sync that was cut may not have let go of its source yet.
        const absl::Status status = sender.Finish();
        if (!status.ok()) {
          EXPECT_EQ(ReasonOf(status), kImportAlreadyRunning) << status;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  v1::ServerInfo info;
  ASSERT_TRUE(server
                  .Call(server.admin(), &v1::AdminService::Stub::GetServerInfo,
                        v1::GetServerInfoRequest(), info)
                  .ok());
  EXPECT_EQ(info.postings().at("STATE_OPEN"), kSources * 40);
}

TEST(GraduateSyncTest, AnswersEveryRow) {
  TestServer server;
  grpc::ClientContext context;
  const auto stub = server.graduates();
  const auto stream = stub->SyncGraduates(&context);
  v1::SyncGraduatesRequest request;
  request.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
  stream->Write(request);
  for (const char* id : {"g-1", "g-2", ""}) {
    *request.mutable_row()->mutable_upsert() = GoodGraduate();
    request.mutable_row()->mutable_upsert()->set_name(
        std::string("graduates/") + id);
    stream->Write(request);
  }
  request.mutable_row()->mutable_delete_()->set_name("graduates/g-2");
  stream->Write(request);
  request.mutable_row()->mutable_delete_()->set_name("g-2");
  stream->Write(request);
  request.mutable_commit();
  stream->Write(request);
  std::vector<Status::Status> got;
  v1::SyncCommitted committed;
  v1::SyncGraduatesResponse response;
  while (stream->Read(&response)) {
    for (const auto& result : response.results().results()) {
      got.push_back(result.status());
    }
    if (response.has_committed()) committed = response.committed();
  }
  const absl::Status status = TestServer::FromWire(stream->Finish());
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(got, (std::vector<Status::Status>{
                     Status::STATUS_CREATED, Status::STATUS_CREATED,
                     Status::STATUS_REJECTED, Status::STATUS_CLOSED,
                     Status::STATUS_REJECTED}));
  EXPECT_EQ(committed.received(), 5);
}

}  // namespace
}  // namespace gradmatch
