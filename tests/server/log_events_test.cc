// The page of the log's events against the code that writes them.

#include "server/log_events.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace gradmatch {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)),
                     std::istreambuf_iterator<char>());
}

// Component and event of every Log(...) of a text; an event that is chosen by
// an expression gives all its words.
std::set<std::pair<std::string, std::string>> EventsOf(
    const std::string& text) {
  std::set<std::pair<std::string, std::string>> events;
  static const std::regex component("kComponent\\[\\] = \"(\\w+)\"");
  static const std::regex word("\"([a-z_]+)\"");
  std::smatch found;
  std::string own;
  if (std::regex_search(text, found, component)) own = found[1];
  for (size_t at = text.find("Log("); at != std::string::npos;
       at = text.find("Log(", at + 1)) {
    const size_t end = std::min(text.find(";", at), text.find("{{", at));
    const std::string head = text.substr(at, end - at);
    if (head.find("LogLevel::") == std::string::npos) continue;
    std::string of = own;
    // Without kComponent the first word is the component.
    if (head.find("kComponent") == std::string::npos) of.clear();
    for (std::sregex_iterator it(head.begin(), head.end(), word), last;
         it != last; ++it) {
      if (of.empty()) {
        of = (*it)[1];
      } else {
        events.insert({of, (*it)[1]});
      }
    }
  }
  return events;
}

TEST(LogEventsTest, TheReaderOfCodeFindsWhatIsThere) {
  const auto events = EventsOf(
      "constexpr char kComponent[] = \"push\";\n"
      "log.Log(LogLevel::kInfo, kComponent, \"one\");\n"
      "log.Log(bad ? LogLevel::kError : LogLevel::kInfo, \"rpc\",\n"
      "  bad ? \"two\" : \"three\", {{LogField::kStage, \"x\"}});\n"
      "void Log(LogLevel level);\n");
  EXPECT_EQ(events, (std::set<std::pair<std::string, std::string>>{
                        {"push", "one"}, {"rpc", "two"}, {"rpc", "three"}}));
}

TEST(LogEventsTest, TableAndCodeAgree) {
  std::set<std::pair<std::string, std::string>> table, code;
  for (const LogEvent& event : LogEvents()) {
    EXPECT_TRUE(
        table.emplace(std::string(event.component), std::string(event.event))
            .second)
        << event.event << " twice";
    EXPECT_FALSE(event.meaning.empty());
    // An error that nobody can do anything about is none.
    if (event.level == LogLevel::kError) {
      EXPECT_FALSE(event.advice.empty()) << event.event;
    }
  }
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator("server")) {
    if (entry.path().extension() != ".cc") continue;
    if (entry.path().filename() == "log_events.cc") continue;
    const std::string text = Read(entry.path());
    all += text;
    code.merge(EventsOf(text));
  }
  EXPECT_GT(code.size(), 25);
  for (const auto& event : code) {
    EXPECT_TRUE(table.contains(event)) << event.first << " " << event.second
                                       << " has no row in server/log_events.cc";
  }
  for (const auto& [component, event] : table) {
    EXPECT_NE(all.find(absl::StrCat("\"", event, "\"")), std::string::npos)
        << event << " is nowhere in server/";
  }
}

TEST(LogEventsTest, EveryFieldIsExplained) {
  std::set<std::string> names;
  for (const LogFieldEntry& entry : LogFieldEntries()) {
    EXPECT_TRUE(names.emplace(LogFieldName(entry.field)).second);
  }
  EXPECT_EQ(names.size(), static_cast<size_t>(LogField::kError) + 1);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(LogEventsTest, ThePageIsWhatTheTableGives) {
  EXPECT_TRUE(Read("server/log_events.md") == LogEventsPage())
      << "server/log_events.md is not what the table gives: run "
         "tools/renew_api_pages";
}

}  // namespace
}  // namespace gradmatch
