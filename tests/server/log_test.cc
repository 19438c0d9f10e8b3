#include "server/log.h"

#include <set>
#include <string>
#include <vector>

#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

std::vector<std::string> Lines(const LogOptions& options,
                               const std::function<void(Logger&)>& use) {
  std::vector<std::string> lines;
  Logger log(options, [&](std::string_view line) { lines.emplace_back(line); });
  use(log);
  return lines;
}

TEST(LogTest, JsonLineIsOneObjectWithTheFields) {
  const auto lines = Lines({.format = "json"}, [](Logger& log) {
    log.Log(LogLevel::kWarning, "rpc", "call_failed",
            {{LogField::kMethod, "A.\"B\"\n\x01"},
             {LogField::kCount, int64_t{-3}},
             {LogField::kSeconds, 0.25}});
  });
  ASSERT_EQ(lines.size(), 1u);
  google::protobuf::Struct object;
  ASSERT_TRUE(
      google::protobuf::util::JsonStringToMessage(lines[0], &object).ok())
      << lines[0];
  const auto& fields = object.fields();
  EXPECT_EQ(fields.at("level").string_value(), "warning");
  EXPECT_EQ(fields.at("component").string_value(), "rpc");
  EXPECT_EQ(fields.at("event").string_value(), "call_failed");
  EXPECT_EQ(fields.at("method").string_value(), "A.\"B\"\n\x01");
  EXPECT_EQ(fields.at("count").number_value(), -3);
  EXPECT_EQ(fields.at("seconds").number_value(), 0.25);
  EXPECT_TRUE(fields.contains("ts"));
}

TEST(LogTest, ALongTextIsCutBetweenCharacters) {
  for (const std::string pad : {"", "a", "ab"}) {
    std::string text = pad;
    for (int i = 0; i < 300; ++i) text += "岗";
    const auto lines = Lines({.format = "json"}, [&](Logger& log) {
      log.Log(LogLevel::kError, "a", "b", {{LogField::kError, text}});
    });
    ASSERT_EQ(lines.size(), 1u);
    google::protobuf::Struct object;
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(lines[0], &object).ok())
        << lines[0];
    EXPECT_LT(lines[0].size(), 700u);
  }
}

TEST(LogTest, TextLineIsForPeople) {
  const auto lines = Lines({.format = "text"}, [](Logger& log) {
    log.Log(LogLevel::kInfo, "server", "serving", {{LogField::kPort, 7}});
  });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("info server: serving port=7"), std::string::npos);
}

TEST(LogTest, LevelBelowIsLeftOut) {
  const auto lines =
      Lines({.level = LogLevel::kWarning, .format = "json"}, [](Logger& log) {
        log.Log(LogLevel::kInfo, "a", "b");
        log.Log(LogLevel::kError, "a", "c");
      });
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("\"c\""), std::string::npos);
}

TEST(LogTest, LongValuesAreCut) {
  const auto lines = Lines({.format = "json"}, [](Logger& log) {
    log.Log(LogLevel::kInfo, "a", "b",
            {{LogField::kError, std::string(100'000, 'x')}});
  });
  EXPECT_LT(lines[0].size(), 1'000u);
}

// No name of a field may be one that holds people or what they wrote. Whoever
// adds a field has to come past this list.
TEST(LogTest, FieldsAreTheReviewedOnes) {
  const std::set<std::string_view> reviewed = {
      "address", "port",  "version", "method",     "code",    "reason",
      "source",  "run",   "plan",    "stage",      "count",   "total",
      "seconds", "bytes", "path",    "generation", "encoder", "mode",
      "option",  "error", "signal",  "call",       "job",     "operation"};
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(LogField::kError); ++i) {
    names.insert(LogFieldName(static_cast<LogField>(i)));
  }
  EXPECT_EQ(names, reviewed);
}

// What repeats is counted, not written: a caller that fails a thousand times a
// second must not fill the disk, nor hide what else is said.
TEST(LogTest, RepeatedLinesAreLeftOutAndToldOf) {
  absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  std::vector<std::string> lines;
  Logger log(
      {.format = "text", .repeats_per_minute = 3, .now = [&] { return now; }},
      [&](std::string_view line) { lines.emplace_back(line); });
  const auto say = [&](const char* event) {
    log.Log(LogLevel::kWarning, "rpc", event);
  };
  for (int i = 0; i < 10; ++i) say("call_failed");
  say("other");  // is another event
  EXPECT_EQ(lines.size(), 4u);
  now += absl::Seconds(59);
  say("call_failed");
  EXPECT_EQ(lines.size(), 4u);
  now += absl::Seconds(1);
  say("call_failed");
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_NE(lines[4].find("log: lines_left_out stage=\"rpc.call_failed\" "
                          "count=8"),
            std::string::npos)
      << lines[4];
  EXPECT_NE(lines[5].find("rpc: call_failed"), std::string::npos);
  EXPECT_EQ(log.left_out(), 8);
  EXPECT_EQ(log.lines(LogLevel::kWarning), 6);
  EXPECT_EQ(log.lines(LogLevel::kError), 0);
  // A clock that was set back does not silence the log.
  now -= absl::Hours(5);
  for (int i = 0; i < 10; ++i) say("call_failed");
  EXPECT_EQ(lines.size(), 9u);
}

TEST(LogTest, LinesBelowTheLevelDoNotCount) {
  std::vector<std::string> lines;
  Logger log({.format = "text", .repeats_per_minute = 1},
             [&](std::string_view line) { lines.emplace_back(line); });
  log.Log(LogLevel::kDebug, "a", "b");
  log.Log(LogLevel::kInfo, "a", "b");
  EXPECT_EQ(lines.size(), 1u);
}

}  // namespace
}  // namespace gradmatch
