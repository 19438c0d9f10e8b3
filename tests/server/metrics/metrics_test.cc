#include "server/metrics/metrics.h"

#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(MetricTableTest, RowsStandInTheOrderOfTheirNames) {
  for (size_t i = 0; i < MetricTable().size(); ++i) {
    EXPECT_EQ(static_cast<size_t>(MetricTable()[i].metric), i)
        << MetricTable()[i].name;
  }
  EXPECT_EQ(MetricTable().size(),
            static_cast<size_t>(Metric::kWritesBlocked) + 1);
}

TEST(MetricTableTest, NamesAndUnitsKeepToTheCustomOfPrometheus) {
  const std::regex name("(gradmatch|process|rpc_server|http_server)_[a-z_]+");
  const std::regex label("[a-z_]+");
  std::set<std::string_view> names;
  for (const MetricRow& row : MetricTable()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(std::regex_match(std::string(row.name), name));
    EXPECT_TRUE(names.insert(row.name).second) << "twice";
    EXPECT_EQ(row.name.ends_with("_total"), row.type == MetricType::kCounter);
    EXPECT_FALSE(row.unit.empty() || row.meaning.empty());
    EXPECT_EQ(row.meaning.find('\n'), std::string_view::npos);
    if (row.type == MetricType::kHistogram) {
      EXPECT_TRUE(row.name.ends_with("_seconds"));
    }
    if (row.unit == "bytes") {
      EXPECT_TRUE(absl::StrContains(A(row.name), "_bytes"));
    }
    if (row.labels.empty()) {
      EXPECT_EQ(row.most_series, 1);
    }
    for (const std::string_view one : row.labels) {
      EXPECT_TRUE(std::regex_match(std::string(one), label));
      // Nothing that could be about a person, and nothing without bounds.
      for (const char* forbidden :
           {"graduate", "person", "pseudonym", "posting", "employer", "run",
            "principal", "staff", "id"}) {
        EXPECT_NE(one, forbidden);
      }
    }
    EXPECT_LE(row.most_series, 5'000);
  }
}

TEST(MetricTableTest, ThePageIsWhatTheTableGives) {
  std::ifstream in("server/metrics.md");
  const std::string page((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  EXPECT_TRUE(page == MetricsPage())
      << "server/metrics.md is not what the table gives: run "
         "tools/renew_api_pages";
}

TEST(MetricsTest, WritesCumulativeHistograms) {
  Metrics metrics;
  const LabelValues labels = {"/v1/x", "GET", "200"};
  metrics.Observe(Metric::kHttpDuration, labels, absl::Milliseconds(3));
  metrics.Observe(Metric::kHttpDuration, labels, absl::Seconds(90));
  const std::string text = metrics.Text();
  const std::string name = "http_server_request_duration_seconds";
  const std::string set =
      R"({http_route="/v1/x",http_request_method="GET",http_response_status_code="200")";
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + set + ",le=\"0.0025\"} 0\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + set + ",le=\"0.005\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(name + "_bucket" + set + ",le=\"+Inf\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(name + "_count" + set + "} 2\n"));
  EXPECT_THAT(text, HasSubstr("# TYPE " + name + " histogram\n"));
  EXPECT_THAT(text, HasSubstr("# HELP " + name + " HTTP requests"));
}

TEST(MetricsTest, EscapesWhatStandsInALabel) {
  Metrics metrics;
  metrics.Count(Metric::kCallErrors, {"a\"b\\c\n"});
  EXPECT_THAT(metrics.Text(), HasSubstr(R"({reason="a\"b\\c\n"} 1)"));
}

// Whatever comes in as a label, there are no more series than the row says.
TEST(MetricsTest, SeriesAreBounded) {
  Metrics metrics;
  metrics.AddSource([](Gauges& gauges) {
    for (int i = 0; i < 10'000; ++i) {
      gauges.Set(Metric::kSourceLag, {absl::StrCat("s", i)}, i);
    }
  });
  for (int i = 0; i < 10'000; ++i) {
    const std::string word = absl::StrCat("w", i);
    metrics.Count(Metric::kSyncRows, {"postings", word, "CREATED"});
    metrics.Observe(Metric::kCallDuration, {word, "OK"}, absl::Seconds(1));
  }
  std::map<std::string, size_t> series;
  double rows = 0;
  for (const absl::string_view line : absl::StrSplit(metrics.Text(), '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const std::string name(line.substr(0, line.find('{')));
    ++series[name];
    if (name == "gradmatch_sync_rows_total") {
      double value = 0;
      EXPECT_TRUE(absl::SimpleAtod(line.substr(line.rfind(' ') + 1), &value));
      rows += value;
    }
  }
  EXPECT_EQ(series["gradmatch_source_lag_seconds"],
            RowOf(Metric::kSourceLag).most_series + 1);
  EXPECT_EQ(series["gradmatch_sync_rows_total"],
            RowOf(Metric::kSyncRows).most_series + 1);
  EXPECT_EQ(series["rpc_server_call_duration_seconds_count"],
            RowOf(Metric::kCallDuration).most_series + 1);
  EXPECT_EQ(rows, 10'000) << "those beyond are counted under (other)";
  EXPECT_THAT(metrics.Text(), HasSubstr("source=\"(other)\""));
}

// A row that says how many there are has room for all of them.
TEST(MetricsTest, AllThatARowNamesFit) {
  Metrics metrics;
  metrics.AddSource([](Gauges& gauges) {
    gauges.Set(Metric::kQueued, {"calls"}, 1);
    gauges.Set(Metric::kQueued, {"syncs"}, 2);
  });
  EXPECT_THAT(metrics.Text(), HasSubstr("{pool=\"calls\"} 1\n"));
  EXPECT_THAT(metrics.Text(), HasSubstr("{pool=\"syncs\"} 2\n"));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("(other)")));
}

TEST(MetricsTest, PlainIsWhatHasNoLabels) {
  Metrics metrics;
  metrics.AddSource([](Gauges& gauges) {
    gauges.Set(Metric::kDiskFree, {}, 12);
    gauges.Set(Metric::kAuditEntries, {}, 3);
    gauges.Set(Metric::kSourceLag, {"hubei"}, 5);
  });
  metrics.Observe(Metric::kCallDuration, {"m", "OK"}, absl::Seconds(1));
  EXPECT_EQ(metrics.Plain(), (std::map<std::string, double>{
                                 {"gradmatch_disk_free_bytes", 12},
                                 {"gradmatch_audit_entries_total", 3}}));
  metrics.StopSources();
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("gradmatch_disk_free_bytes")));
}

TEST(MetricsTest, CountsFromManyThreads) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&metrics] {
      for (int i = 0; i < 5'000; ++i) {
        metrics.Count(Metric::kCallErrors, {i % 2 == 0 ? "A" : "B"});
        if (i % 500 == 0) (void)metrics.Text();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.Text(), HasSubstr(R"({reason="A"} 10000)"));
  EXPECT_THAT(metrics.Text(), HasSubstr(R"({reason="B"} 10000)"));
}

}  // namespace
}  // namespace gradmatch
