#include "server/feed/feed_report.h"

#include <ostream>

namespace gradmatch {
namespace {

// A cell of RFC 4180. What a spreadsheet would take for a formula gets a quote
// before it.
void WriteCell(std::ostream& out, std::string_view text) {
  const bool formula = !text.empty() && (text[0] == '=' || text[0] == '+' ||
                                         text[0] == '-' || text[0] == '@');
  const bool quote = text.find_first_of(",\"\r\n") != std::string_view::npos;
  if (!quote) {
    out << (formula ? "'" : "") << text;
    return;
  }
  out << '"' << (formula ? "'" : "");
  for (const char c : text) {
    if (c == '"') out << '"';
    out << c;
  }
  out << '"';
}

}  // namespace

std::string_view StatusText(v1::SyncRowResult::Status status) {
  switch (status) {
    case v1::SyncRowResult::STATUS_CREATED:
      return "新增";
    case v1::SyncRowResult::STATUS_UPDATED:
      return "更新";
    case v1::SyncRowResult::STATUS_UNCHANGED:
      return "未变";
    case v1::SyncRowResult::STATUS_STALE:
      return "过期版本";
    case v1::SyncRowResult::STATUS_CLOSED:
      return "关闭";
    case v1::SyncRowResult::STATUS_QUARANTINED:
      return "待审";
    case v1::SyncRowResult::STATUS_REJECTED:
      return "拒绝";
    default:
      return "未知";
  }
}

FeedReport::FeedReport(std::ostream* csv) : csv_(csv) {
  // The mark in front lets spreadsheets see that this is UTF-8.
  if (csv_ != nullptr) {
    *csv_ << "\xEF\xBB\xBF"
          << "line,id,outcome,code,field,value,allowed,nearest,message\r\n";
  }
}

void FeedReport::Add(const FeedRowReport& row) {
  ++counts_.rows;
  ++counts_.by_status[row.status];
  const bool rejected = row.status == v1::SyncRowResult::STATUS_REJECTED;
  if (rejected) {
    ++reasons_[row.error.reason()];
    WriteLine(row, row.error.reason(), row.error.field(), row.error.value(),
              row.error.allowed(), row.error.nearest(), row.error.message());
  }
  for (const v1::Issue& issue : row.issues) {
    ++reasons_[issue.code()];
    WriteLine(row, issue.code(), issue.field(), issue.value(), "", "",
              issue.message());
  }
  const bool held = row.status == v1::SyncRowResult::STATUS_QUARANTINED;
  if (!rejected && row.issues.empty() && (all_rows_ || held)) {
    WriteLine(row, "", "", "", "", "", "");
  }
}

void FeedReport::AddReadings(const std::vector<std::string>& fields,
                             const std::vector<FieldReading>& readings) {
  for (size_t i = 0; i < fields.size() && i < readings.size(); ++i) {
    Shares& shares = readings_[fields[i]];
    switch (readings[i]) {
      case FieldReading::kAbsent:
        ++shares.absent;
        break;
      case FieldReading::kUnderstood:
        ++shares.understood;
        break;
      case FieldReading::kRaw:
        ++shares.raw;
        break;
    }
  }
}

void FeedReport::AddEntries(const std::vector<EntryReading>& entries) {
  for (const EntryReading& one : entries) {
    Entries& sum = entries_[one.field];
    sum.entries += one.entries;
    sum.unread += static_cast<int64_t>(one.unread.size());
    for (const std::string& text : one.unread) ++sum.texts[text];
  }
}

void FeedReport::WriteLine(const FeedRowReport& row, std::string_view code,
                           std::string_view field, std::string_view value,
                           std::string_view allowed, std::string_view nearest,
                           std::string_view message) {
  if (csv_ == nullptr) return;
  *csv_ << row.line;
  for (const std::string_view cell :
       {std::string_view(row.id), StatusText(row.status), code, field, value,
        allowed, nearest, message}) {
    *csv_ << ',';
    WriteCell(*csv_, cell);
  }
  *csv_ << "\r\n";
}

}  // namespace gradmatch
