// Everything that a live server serves under /metrics is in the table, and
// everything of the table is served; and nothing of it is about a person.

#include <map>
#include <regex>
#include <set>
#include <string>

#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gradmatch/v1/index_service.grpc.pb.h"
#include "index/base/strings.h"
#include "server/metrics/metric_table.h"
#include "tests/server/http/http_client.h"
#include "tests/server/push_fixture.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

// What has a value only where another part of the server is at work.
const std::set<Metric>& NotHere() {
  static const auto& metrics = *new std::set<Metric>{
      Metric::kCertificateExpiry,  // TLS is off
      Metric::kTlsReloads, Metric::kHandshakesFailed,
      Metric::kSnapshotAge,  // nobody made a snapshot
  };
  return metrics;
}

class ScrapeTest : public PushFixture {
 protected:
  // Something of everything, with ids that would be seen.
  void LiveADay() {
    ASSERT_NO_FATAL_FAILURE(Fill(3, 5));
    v1::UpdateSourceRequest source;
    source.mutable_source()->set_name("sources/hubei");
    source.mutable_source()->set_expected_sync_hours(24);
    v1::Source stored;
    ASSERT_TRUE(server_
                    .Call(server_.sources(),
                          &v1::SourceService::Stub::UpdateSource, source,
                          stored)
                    .ok());
    SyncTwoRows();
    v1::PushPlan plan;
    plan.set_include_conditional(true);
    plan.mutable_schedule()->set_cron("0 2 * * *");
    plan.mutable_schedule()->set_ready_by("06:30");
    v1::PushPlan made;
    ASSERT_TRUE(CreatePlan("nightly", plan, made).ok());
    RunToTheEnd("nightly", "by-hand");
    Measure();
    // The next night is over, and nobody was there to start its run in time.
    server_.clock().Advance(absl::Hours(20));
    const absl::Time end = absl::Now() + absl::Seconds(20);
    while (absl::Now() < end &&
           Scrape().find("starts_total{") == std::string::npos) {
      absl::SleepFor(absl::Milliseconds(50));
    }
    HttpClient http(server_.server().http_port());
    EXPECT_EQ(http.Call("GET", "/v1/graduates/nobody-0001").status, 404);
  }

  // One that is taken, one that is held back for its words.
  void SyncTwoRows() {
    grpc::ClientContext context;
    const auto postings = server_.postings();
    const auto stream = postings->SyncPostings(&context);
    v1::SyncPostingsRequest begin;
    begin.mutable_begin()->set_source("sources/hubei");
    begin.mutable_begin()->set_mode(v1::SYNC_MODE_INCREMENTAL);
    stream->Write(begin);
    for (const bool bad : {false, true}) {
      v1::SyncPostingsRequest request;
      request.mutable_row()->set_row_number(bad ? 2 : 1);
      v1::Posting& posting = *request.mutable_row()->mutable_upsert();
      posting = GoodPosting(bad ? "held-0001" : "taken-0001");
      if (bad) posting.set_requirements("仅限985、211院校毕业生。");
      stream->Write(request);
    }
    v1::SyncPostingsRequest commit;
    commit.mutable_commit();
    stream->Write(commit);
    stream->WritesDone();
    v1::SyncPostingsResponse response;
    while (stream->Read(&response)) {
    }
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  void Measure() {
    v1::MeasureRecallRequest request;
    request.set_name("indexes/postings");
    request.set_sample(3);
    Operation operation;
    const auto indexes = v1::IndexService::NewStub(server_.channel());
    ASSERT_TRUE(server_
                    .Call(indexes, &v1::IndexService::Stub::MeasureRecall,
                          request, operation)
                    .ok());
    ASSERT_TRUE(WaitForTheEnd(operation.name(), operation).ok());
  }

  // After an earlier one was counted: that happens when its answer is out.
  std::string Scrape() {
    HttpClient http(server_.server().http_port());
    HttpClient::Response response;
    for (int i = 0; i < 500; ++i) {
      response = http.Call("GET", "/metrics");
      EXPECT_EQ(response.status, 200);
      if (response.body.find("http_server_request_duration_seconds_count") !=
          std::string::npos) {
        break;
      }
      absl::SleepFor(absl::Milliseconds(10));
    }
    return response.body;
  }
};

TEST_F(ScrapeTest, ServesTheTableAndNothingElse) {
  ASSERT_NO_FATAL_FAILURE(LiveADay());
  const std::string text = Scrape();
  std::map<std::string, std::string> types, helps;
  std::map<std::string, int> series;
  const std::regex sample(R"(([a-z_]+)(\{.*\})? (\S+))");
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  for (const std::string& line : lines) {
    if (line.empty()) continue;
    std::vector<std::string> words =
        absl::StrSplit(line, absl::MaxSplits(' ', 3));
    if (words[0] == "#") {
      ASSERT_EQ(words.size(), 4) << line;
      (words[1] == "TYPE" ? types : helps)[words[2]] = words[3];
      continue;
    }
    std::smatch match;
    ASSERT_TRUE(std::regex_match(line, match, sample)) << line;
    ++series[match[1]];
  }
  std::set<std::string> of_table;
  for (const MetricRow& row : MetricTable()) {
    const std::string name(row.name);
    SCOPED_TRACE(name);
    if (NotHere().contains(row.metric)) {
      EXPECT_FALSE(types.contains(name)) << "served: take it off NotHere()";
      EXPECT_FALSE(row.when.empty());
      continue;
    }
    EXPECT_EQ(types[name], MetricTypeName(row.type)) << "never served";
    EXPECT_THAT(helps[name], HasSubstr(std::string(row.meaning)));
    for (const char* suffix : {"", "_bucket", "_count", "_sum"}) {
      const std::string full = name + suffix;
      const bool histogram = row.type == MetricType::kHistogram;
      if (histogram == (*suffix == '\0')) continue;
      EXPECT_GE(series[full], 1) << full;
      of_table.insert(full);
    }
  }
  for (const auto& [name, count] : series) {
    EXPECT_TRUE(of_table.contains(name)) << name << " is not in the table";
  }
}

TEST_F(ScrapeTest, FiguresAreRight) {
  ASSERT_NO_FATAL_FAILURE(LiveADay());
  const std::string text = Scrape();
  for (const char* line :
       {"gradmatch_ready 1\n",
        "gradmatch_sources 1\n",
        "gradmatch_graduates{lifecycle=\"LIFECYCLE_ACTIVE\"} 5\n",
        "gradmatch_postings{state=\"STATE_OPEN\"} 4\n",
        "gradmatch_postings{state=\"STATE_QUARANTINED\"} 1\n",
        "gradmatch_quarantine_entries{source=\"hubei\"} 1\n",
        "gradmatch_sync_rows_total{kind=\"postings\",source=\"hubei\",result="
        "\"CREATED\"} 1\n",
        "gradmatch_sync_rows_total{kind=\"postings\",source=\"hubei\",result="
        "\"QUARANTINED\"} 1\n",
        "gradmatch_source_lag_seconds{source=\"hubei\"} 72000\n",
        "gradmatch_source_expected_interval_seconds{source=\"hubei\"} 86400\n",
        "gradmatch_source_overdue{source=\"hubei\"} 0\n",
        "gradmatch_push_runs{state=\"STATE_READY\"} 1\n",
        "gradmatch_push_run_coverage_ratio{plan=\"nightly\"} 1\n",
        "gradmatch_push_run_late{plan=\"nightly\"} 1\n",
        "gradmatch_push_schedule_starts_total{plan=\"nightly\",outcome="
        "\"skipped\"} 1\n",
        "gradmatch_profile_reads_without_personalisation_total 0\n",
        "gradmatch_erasures_pending 0\n",
        "gradmatch_audit_failures_total 0\n",
        "gradmatch_storage_read_only 0\n",
        "gradmatch_rpc_errors_total{reason=\"GRADUATE_NOT_FOUND\"} 1\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
  server_.clock().Advance(absl::Hours(5));
  EXPECT_THAT(Scrape(),
              HasSubstr("gradmatch_source_overdue{source=\"hubei\"} 1\n"));
  v1::ServerInfo info;
  ASSERT_TRUE(server_
                  .Call(server_.admin(), &v1::AdminService::Stub::GetServerInfo,
                        v1::GetServerInfoRequest(), info)
                  .ok());
  EXPECT_NEAR(info.overdue_sources().at("hubei"), 25, 1e-6);
  EXPECT_THAT(info.late_push_plans(), testing::ElementsAre("nightly"));
  EXPECT_EQ(info.figures().at("gradmatch_ready"), 1);
  EXPECT_FALSE(info.figures().contains("gradmatch_source_lag_seconds"));
  EXPECT_GE(info.retention_size(), 10);
}

TEST_F(ScrapeTest, NothingIsAboutAPerson) {
  ASSERT_NO_FATAL_FAILURE(LiveADay());
  const std::string text = Scrape();
  for (const char* canary : {"g-0", "g-4", "nobody-0001", "taken-0001",
                             "held-0001", "p-1", "by-hand", "=\"985", "软件"}) {
    EXPECT_THAT(text, Not(HasSubstr(canary)));
  }
}

// The figures are there while the server loads and drains, too.
TEST(ScrapeStatesTest, AnswersWhileItLoads) {
  TestServer server;
  server.Stop();
  server.Listen();
  HttpClient http(server.server().http_port());
  const auto response = http.Call("GET", "/metrics");
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("gradmatch_ready 0\n"));
  EXPECT_THAT(response.body, Not(HasSubstr("gradmatch_sources")));
  server.Load();
  EXPECT_THAT(http.Call("GET", "/metrics").body,
              HasSubstr("gradmatch_ready 1\n"));
}

}  // namespace
}  // namespace gradmatch
