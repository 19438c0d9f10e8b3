#include "server/feed/feed_report.h"

#include <sstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

using testing::HasSubstr;
using Result = v1::SyncRowResult;

FeedRowReport Row(int64_t line, Result::Status status) {
  FeedRowReport row;
  row.line = line;
  row.id = "id-" + std::to_string(line);
  row.status = status;
  return row;
}

TEST(FeedReportTest, CountsAddUp) {
  FeedReport report(nullptr);
  for (int status = Result::STATUS_CREATED; status <= Result::STATUS_REJECTED;
       ++status) {
    for (int i = 0; i < status; ++i) {
      report.Add(Row(i, static_cast<Result::Status>(status)));
    }
  }
  int64_t sum = 0;
  for (const int64_t n : report.counts().by_status) sum += n;
  EXPECT_EQ(report.counts().rows, sum);
  EXPECT_EQ(report.counts().of(Result::STATUS_STALE), 4);
}

TEST(FeedReportTest, WritesWhatSomebodyMustLookAt) {
  std::ostringstream csv;
  FeedReport report(&csv);
  report.Add(Row(1, Result::STATUS_CREATED));
  FeedRowReport rejected = Row(2, Result::STATUS_REJECTED);
  rejected.error.set_reason("FIELD_MISSING");
  rejected.error.set_field("title");
  rejected.error.set_value("=cmd(),\"x\"");
  report.Add(rejected);
  report.Add(Row(3, Result::STATUS_QUARANTINED));
  FeedRowReport flagged = Row(4, Result::STATUS_CREATED);
  flagged.issues.emplace_back().set_code("EXPIRY_MISSING");
  report.Add(flagged);

  const std::string text = csv.str();
  EXPECT_THAT(text, testing::StartsWith("\xEF\xBB\xBFline,id,outcome,"));
  EXPECT_EQ(text.find("id-1"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("2,id-2,拒绝,FIELD_MISSING,title,"
                              "\"'=cmd(),\"\"x\"\"\""));
  EXPECT_THAT(text, HasSubstr("3,id-3,待审,"));
  EXPECT_THAT(text, HasSubstr("4,id-4,新增,EXPIRY_MISSING,"));
  EXPECT_EQ(report.reasons().at("FIELD_MISSING"), 1);
  EXPECT_EQ(report.reasons().at("EXPIRY_MISSING"), 1);
}

TEST(FeedReportTest, AllRowsGivesEachALine) {
  std::ostringstream csv;
  FeedReport report(&csv);
  report.set_all_rows(true);
  report.Add(Row(1, Result::STATUS_UNCHANGED));
  EXPECT_THAT(csv.str(), HasSubstr("1,id-1,未变,"));
}

TEST(FeedReportTest, AddsUpHowColumnsWereRead) {
  FeedReport report(nullptr);
  report.AddReadings({"title", "salary"},
                     {FieldReading::kUnderstood, FieldReading::kRaw});
  report.AddReadings({"title", "salary"},
                     {FieldReading::kUnderstood, FieldReading::kAbsent});
  EXPECT_EQ(report.readings().at("title").understood, 2);
  EXPECT_EQ(report.readings().at("salary").raw, 1);
  EXPECT_EQ(report.readings().at("salary").absent, 1);
}

}  // namespace
}  // namespace gradmatch
