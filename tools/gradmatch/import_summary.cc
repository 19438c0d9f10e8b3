#include "tools/gradmatch/import_summary.h"

#include <algorithm>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/gradmatch/json_object.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

// STATUS_CREATED as "created".
std::string StatusWord(v1::SyncRowResult::Status status) {
  constexpr size_t kPrefix = sizeof("STATUS_") - 1;
  return absl::AsciiStrToLower(
      v1::SyncRowResult::Status_Name(status).substr(kPrefix));
}

std::string SummaryJson(const ImportArguments& arguments,
                        const FeedReport& report, absl::Duration elapsed) {
  JsonObject object;
  object.Add("rows", report.counts().rows);
  for (int s = 1; s < v1::SyncRowResult::Status_ARRAYSIZE; ++s) {
    const auto status = static_cast<v1::SyncRowResult::Status>(s);
    object.Add(StatusWord(status), report.counts().of(status));
  }
  object.AddJson("dry_run", arguments.dry_run ? "true" : "false");
  object.AddJson("seconds",
                 absl::StrFormat("%.3f", absl::ToDoubleSeconds(elapsed)));
  JsonObject reasons;
  for (const auto& [reason, count] : report.reasons()) {
    reasons.Add(reason, count);
  }
  object.AddJson("reasons", reasons.ToString());
  JsonObject fields;
  for (const auto& [field, shares] : report.readings()) {
    JsonObject one;
    one.Add("understood", shares.understood);
    one.Add("raw", shares.raw);
    one.Add("absent", shares.absent);
    fields.AddJson(field, one.ToString());
  }
  object.AddJson("fields", fields.ToString());
  JsonObject entries;
  for (const auto& [field, sum] : report.entries()) {
    JsonObject texts;
    for (const auto& [text, count] : sum.texts) texts.Add(text, count);
    JsonObject one;
    one.Add("entries", sum.entries);
    one.Add("unread", sum.unread);
    one.AddJson("texts", texts.ToString());
    entries.AddJson(field, one.ToString());
  }
  object.AddJson("entries", entries.ToString());
  return object.ToString();
}

void PrintCounts(const FeedCounts& counts, bool dry_run,
                 absl::Duration elapsed) {
  std::cout << (dry_run ? "试运行（未写入）：" : "导入：")
            << Grouped(counts.rows) << " 行";
  for (int s = 1; s < v1::SyncRowResult::Status_ARRAYSIZE; ++s) {
    const auto status = static_cast<v1::SyncRowResult::Status>(s);
    if (counts.of(status) > 0) {
      std::cout << "，" << StatusText(status) << " "
                << Grouped(counts.of(status));
    }
  }
  const double seconds = absl::ToDoubleSeconds(elapsed);
  std::cout << "；用时 " << ShortDuration(elapsed) << "，每秒 "
            << Grouped(
                   static_cast<int64_t>(counts.rows / std::max(seconds, 0.001)))
            << " 行\n";
}

// What of the lists was kept as text: the commonest first.
void PrintEntries(const FeedReport& report) {
  constexpr size_t kMostTexts = 30;
  if (report.entries().empty()) return;
  Table table({"字段", "条目", "未读懂", "占比"});
  table.Right({1, 2, 3});
  std::vector<std::pair<int64_t, std::string>> texts;
  for (const auto& [field, sum] : report.entries()) {
    table.Add({field, Grouped(sum.entries), Grouped(sum.unread),
               absl::StrFormat(
                   "%.2f %%",
                   100.0 * static_cast<double>(sum.unread) /
                       std::max<double>(1, static_cast<double>(sum.entries)))});
    for (const auto& [text, count] : sum.texts) {
      texts.emplace_back(count, absl::StrCat(field, "：", text));
    }
  }
  std::cout << table.ToString();
  std::stable_sort(
      texts.begin(), texts.end(),
      [](const auto& a, const auto& b) { return a.first > b.first; });
  for (size_t i = 0; i < texts.size() && i < kMostTexts; ++i) {
    std::cout << "  未读懂 " << Grouped(texts[i].first) << " 次  "
              << texts[i].second << "\n";
  }
  if (texts.size() > kMostTexts) {
    std::cout << "  另有 " << texts.size() - kMostTexts
              << " 种写法，见 --report 或 -o json\n";
  }
}

void PrintTables(const FeedReport& report) {
  if (!report.readings().empty()) {
    Table table({"字段", "已读懂", "保留原文", "无"});
    table.Right({1, 2, 3});
    for (const auto& [field, shares] : report.readings()) {
      table.Add({field, Grouped(shares.understood), Grouped(shares.raw),
                 Grouped(shares.absent)});
    }
    std::cout << table.ToString();
  }
  PrintEntries(report);
  if (!report.reasons().empty()) {
    Table table({"备注", "次数"});
    table.Right({1});
    for (const auto& [reason, count] : report.reasons()) {
      table.Add({reason, Grouped(count)});
    }
    std::cout << table.ToString();
  }
}

}  // namespace

void PrintImportSummary(const GlobalOptions& options,
                        const ImportArguments& arguments,
                        const FeedReport& report, absl::Duration elapsed) {
  if (options.output != "table") {
    std::cout << SummaryJson(arguments, report, elapsed) << "\n";
    return;
  }
  PrintCounts(report.counts(), arguments.dry_run, elapsed);
  PrintTables(report);
  if (!arguments.report.empty()) {
    std::cout << "逐行报告：" << arguments.report << "\n";
  } else if (!report.reasons().empty()) {
    std::cout << "逐行原因请加 --report 文件.csv\n";
  }
}

}  // namespace gradmatch
