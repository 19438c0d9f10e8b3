// The dashboard and the alerts against the table of metrics; the rules against
// series where promtool is at hand.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/http/json_syntax.h"
#include "server/metrics/metric_table.h"
#include "server/yaml.h"

namespace gradmatch {
namespace {

std::string Read(const std::string& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in.good()) << path;
  return std::string((std::istreambuf_iterator<char>(in)),
                     std::istreambuf_iterator<char>());
}

// The row of a name as it stands in an expression; null when there is none.
const MetricRow* RowOfName(std::string name) {
  for (const MetricRow& row : MetricTable()) {
    if (row.name == name) {
      return row.type == MetricType::kHistogram ? nullptr : &row;
    }
    if (row.type != MetricType::kHistogram) continue;
    for (const char* suffix : {"_bucket", "_count", "_sum"}) {
      if (absl::StrCat(std::string(row.name), suffix) == name) return &row;
    }
  }
  return nullptr;
}

// What is wrong with an expression, as far as it can be told without a parser:
// names, labels, brackets.
std::vector<std::string> ProblemsOf(const std::string& expression) {
  std::vector<std::string> problems;
  static const std::regex metric(
      "((?:gradmatch|process|rpc_server|http_server)_[a-z_]+)(\\{[^}]*\\})?");
  static const std::regex label("([a-z_]+)\\s*(?:=|!)");
  int names = 0;
  for (std::sregex_iterator it(expression.begin(), expression.end(), metric),
       end;
       it != end; ++it, ++names) {
    const MetricRow* row = RowOfName((*it)[1]);
    if (row == nullptr) {
      problems.push_back(absl::StrCat("no metric ", (*it)[1].str()));
      continue;
    }
    const std::string labels = (*it)[2];
    for (std::sregex_iterator l(labels.begin(), labels.end(), label); l != end;
         ++l) {
      const std::string name = (*l)[1];
      const bool known = std::find(row->labels.begin(), row->labels.end(),
                                   name) != row->labels.end();
      if (!known) {
        problems.push_back(
            absl::StrCat(std::string(row->name), " has no label ", name));
      }
    }
    if (row->type == MetricType::kCounter &&
        !std::regex_search(expression, std::regex("(rate|increase|changes)\\(" +
                                                  std::string(row->name))) &&
        !absl::StrContains(expression, "personalisation")) {
      problems.push_back(
          absl::StrCat("a counter needs a rate: ", std::string(row->name)));
    }
  }
  if (names == 0) problems.push_back("names no metric");
  std::string open;
  for (const char c : expression) {
    if (c == '(' || c == '[' || c == '{') open.push_back(c);
    if (c != ')' && c != ']' && c != '}') continue;
    const char want = c == ')' ? '(' : c == ']' ? '[' : '{';
    if (open.empty() || open.back() != want) {
      problems.push_back("brackets do not match");
      break;
    }
    open.pop_back();
  }
  if (!open.empty()) problems.push_back("a bracket is not closed");
  return problems;
}

TEST(MonitoringTest, TheCheckItselfFindsWhatIsWrong) {
  EXPECT_TRUE(ProblemsOf("gradmatch_ready == 0").empty());
  for (const char* wrong :
       {"gradmatch_readyness == 0", "rate(gradmatch_ready[5m)]",
        "gradmatch_source_lag_seconds{plan=\"x\"} > 1", "1 > 0",
        "rpc_server_call_duration_seconds > 1", "(gradmatch_ready",
        "gradmatch_rpc_failed_total > 1"}) {
    EXPECT_FALSE(ProblemsOf(wrong).empty()) << wrong;
  }
}

std::string TextOf(const YamlNode& node, const std::string& key) {
  const YamlNode* found = node.Find(key);
  return found == nullptr ? "" : found->scalar;
}

std::vector<YamlNode> Rules() {
  const auto root = ParseYaml(Read("server/monitoring/alerts.yaml"));
  EXPECT_TRUE(root.ok()) << root.status();
  std::vector<YamlNode> rules;
  for (const YamlNode& group : root->Find("groups")->items) {
    for (const YamlNode& rule : group.Find("rules")->items) {
      rules.push_back(rule);
    }
  }
  return rules;
}

TEST(MonitoringTest, AlertsNameMetricsAndSayWhatToLookAtFirst) {
  std::set<std::string> names;
  for (const YamlNode& rule : Rules()) {
    const std::string name = TextOf(rule, "alert");
    SCOPED_TRACE(name);
    EXPECT_TRUE(names.insert(name).second) << "twice";
    EXPECT_THAT(ProblemsOf(TextOf(rule, "expr")), testing::IsEmpty());
    const std::string severity = TextOf(*rule.Find("labels"), "severity");
    EXPECT_TRUE(severity == "page" || severity == "ticket") << severity;
    const YamlNode& annotations = *rule.Find("annotations");
    EXPECT_FALSE(TextOf(annotations, "summary").empty());
    const std::string runbook = TextOf(annotations, "runbook");
    EXPECT_TRUE(absl::StartsWith(runbook, "先") ||
                absl::StrContains(runbook, "：先"))
        << runbook;
  }
  EXPECT_GE(names.size(), 20);
}

TEST(MonitoringTest, EveryRuleIsTriedAgainstSeries) {
  const std::string tests = Read("tests/server/monitoring/alerts_test.yaml");
  for (const YamlNode& rule : Rules()) {
    EXPECT_TRUE(absl::StrContains(
        tests, absl::StrCat("alertname: ", TextOf(rule, "alert"), "\n")))
        << TextOf(rule, "alert");
  }
}

TEST(MonitoringTest, TheDashboardIsJsonAndNamesMetrics) {
  const std::string json = Read("server/monitoring/dashboard.json");
  EXPECT_TRUE(CheckJsonSyntax(json).ok());
  const std::regex expression("\"expr\": \"((?:[^\"\\\\]|\\\\.)*)\"");
  int panels = 0;
  for (std::sregex_iterator it(json.begin(), json.end(), expression), end;
       it != end; ++it, ++panels) {
    const std::string text =
        std::regex_replace((*it)[1].str(), std::regex("\\\\\""), "\"");
    EXPECT_THAT(ProblemsOf(text), testing::IsEmpty()) << text;
  }
  EXPECT_GE(panels, 40);
}

// A metric that nobody looks at is no use, and one that is on no panel and in
// no alert is found when it is too late.
TEST(MonitoringTest, MetricsAreLookedAt) {
  const std::string seen = Read("server/monitoring/dashboard.json") +
                           Read("server/monitoring/alerts.yaml");
  std::vector<std::string> unseen;
  for (const MetricRow& row : MetricTable()) {
    if (!absl::StrContains(seen, std::string(row.name))) {
      unseen.emplace_back(row.name);
    }
  }
  EXPECT_THAT(
      unseen,
      testing::UnorderedElementsAre(
          "gradmatch_build_info", "gradmatch_load_seconds", "process_threads",
          "gradmatch_rpc_started_total", "gradmatch_rpc_failed_total",
          "gradmatch_rpc_in_flight_bytes", "gradmatch_sources",
          "gradmatch_graduates", "gradmatch_profile_reads_total",
          "gradmatch_generation", "gradmatch_index_recall_age_seconds",
          "gradmatch_disk_bytes", "gradmatch_push_runs_active",
          "gradmatch_push_run_ready_time_seconds",
          "gradmatch_push_schedule_next_time_seconds",
          "gradmatch_push_run_deadline_time_seconds"))
      << "for one that is new: a panel or an alert, or a place in this list";
}

TEST(MonitoringTest, PromtoolAgrees) {
  const char* given = std::getenv("PROMTOOL");
  const std::string promtool = given != nullptr ? given : "promtool";
  if (std::system((promtool + " --version >/dev/null 2>&1").c_str()) != 0) {
    GTEST_SKIP() << "no promtool here (Debian's package prometheus, or "
                    "PROMTOOL=its path)";
  }
  EXPECT_EQ(
      std::system((promtool + " check rules server/monitoring/alerts.yaml "
                              ">/dev/null")
                      .c_str()),
      0);
  EXPECT_EQ(std::system(("cd tests/server/monitoring && " + promtool +
                         " test rules alerts_test.yaml >/dev/null")
                            .c_str()),
            0);
}

}  // namespace
}  // namespace gradmatch
