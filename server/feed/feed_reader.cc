#include "server/feed/feed_reader.h"

#include <algorithm>
#include <array>
#include <deque>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "server/feed/csv_parser.h"
#include "server/feed/json_row.h"
#include "server/feed/line_reader.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxRawBytes = 64 << 10;

absl::Status BadRow(std::string_view reason, std::string_view what) {
  return MakeError(absl::StatusCode::kInvalidArgument, reason, what);
}

// What is wrong with a line as such; OK if nothing is.
absl::Status CheckLine(const FeedLine& line, size_t max_bytes) {
  if (line.too_long) {
    return BadRow(kFieldTooLong,
                  absl::StrCat("这一行过长；允许：至多 ", max_bytes, " 字节"));
  }
  if (line.bad_byte.has_value()) {
    return BadRow(kEncodingInvalid,
                  absl::StrCat("这一行第 ", *line.bad_byte,
                               " 字节不是有效的文本；允许：UTF-8"));
  }
  return absl::OkStatus();
}

class JsonlReader final : public FeedReader {
 public:
  JsonlReader(std::unique_ptr<LineReader> lines, const FeedOptions& options)
      : lines_(std::move(lines)), options_(options) {}

  absl::StatusOr<bool> Next(FeedRow& row) override {
    FeedLine line;
    do {
      const absl::StatusOr<bool> more = lines_->Next(line);
      if (!more.ok() || !*more) return more;
    } while (IsBlank(line));
    row = FeedRow{};
    row.line = line.number;
    row.status = CheckLine(line, options_.max_row_bytes);
    if (!row.status.ok()) return true;
    if (options_.parse_cells) row.status = parser_.Parse(line.text, row.cells);
    if (!row.status.ok()) row.cells.clear();
    row.raw = std::move(line.text);
    return true;
  }
  const std::vector<std::string>& columns() const override { return columns_; }
  int64_t bytes_read() const override { return lines_->file().bytes_read(); }
  int64_t bytes_total() const override { return lines_->file().bytes_total(); }

 private:
  static bool IsBlank(const FeedLine& line) {
    return !line.too_long && !line.bad_byte.has_value() &&
           line.text.find_first_not_of(" \t") == std::string::npos;
  }

  const std::unique_ptr<LineReader> lines_;
  const FeedOptions options_;
  const std::vector<std::string> columns_;
  JsonRowParser parser_;
};

class CsvReader final : public FeedReader {
 public:
  CsvReader(std::unique_ptr<LineReader> lines, const FeedOptions& options)
      : lines_(std::move(lines)), options_(options) {}

  absl::Status ReadHeader(bool tabs);

  absl::StatusOr<bool> Next(FeedRow& row) override {
    row = FeedRow{};
    std::vector<std::string> fields;
    const absl::StatusOr<bool> more = NextFields(row, fields);
    if (!more.ok() || !*more || !row.status.ok()) return more;
    // Spreadsheets write empty cells behind the last column.
    while (fields.size() > columns_.size() && fields.back().empty()) {
      fields.pop_back();
    }
    if (fields.size() > columns_.size()) {
      row.status = BadRow(
          kFieldInvalid,
          absl::StrCat("这一行有 ", fields.size(), " 列；允许：至多表头的 ",
                       columns_.size(), " 列；请检查引号与分隔符"));
      return true;
    }
    for (size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].empty()) continue;
      row.cells.push_back({columns_[i], {std::move(fields[i])}});
    }
    return true;
  }
  const std::vector<std::string>& columns() const override { return columns_; }
  int64_t bytes_read() const override { return lines_->file().bytes_read(); }
  int64_t bytes_total() const override { return lines_->file().bytes_total(); }

 private:
  absl::StatusOr<bool> NextFields(FeedRow& row,
                                  std::vector<std::string>& fields);
  // A line that is to be read again, or the file's next.
  absl::StatusOr<bool> NextLine(FeedLine& line);
  // The row's quote has no end: its first line is the bad row, and the others
  // are rows of their own.
  void OpenQuote(FeedRow& row, std::vector<FeedLine> others);

  const std::unique_ptr<LineReader> lines_;
  const FeedOptions options_;
  std::vector<std::string> columns_;
  std::unique_ptr<CsvParser> parser_;
  std::deque<FeedLine> again_;
};

absl::Status CsvReader::ReadHeader(bool tabs) {
  FeedLine line;
  do {
    const absl::StatusOr<bool> more = lines_->Next(line);
    if (!more.ok()) return more.status();
    if (!*more) return BadRow(kFieldMissing, "文件为空；第一行应是表头");
  } while (line.text.empty() && !line.too_long && !line.bad_byte.has_value());
  if (absl::Status s = CheckLine(line, options_.max_row_bytes); !s.ok()) {
    return s;
  }
  parser_ =
      std::make_unique<CsvParser>(tabs ? '\t' : DetectDelimiter(line.text));
  CsvParser::State state = parser_->Add(line.text, columns_);
  while (state == CsvParser::State::kMore) {
    const absl::StatusOr<bool> more = lines_->Next(line);
    if (!more.ok()) return more.status();
    if (!*more) break;
    state = parser_->Add(line.text, columns_);
  }
  if (state != CsvParser::State::kRow) {
    return BadRow(kFieldInvalid,
                  "表头无法分列；请检查引号与分隔符，换行须为 LF 或 CRLF");
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    absl::StripAsciiWhitespace(&columns_[i]);
    const auto first = std::find(columns_.begin(), columns_.end(), columns_[i]);
    if (!columns_[i].empty() &&
        first != columns_.begin() + static_cast<std::ptrdiff_t>(i)) {
      return BadRow(kFieldInvalid, absl::StrCat("表头中列 \"", columns_[i],
                                                "\" 出现两次；请改名"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvReader::NextLine(FeedLine& line) {
  if (again_.empty()) return lines_->Next(line);
  line = std::move(again_.front());
  again_.pop_front();
  return true;
}

void CsvReader::OpenQuote(FeedRow& row, std::vector<FeedLine> others) {
  parser_->Reset();
  const int64_t last = others.empty() ? row.line : others.back().number;
  row.status = BadRow(kFieldInvalid,
                      absl::StrCat("引号没有结束，直到第 ", last,
                                   " 行；请补上右引号。其后各行已另行读取"));
  again_.insert(again_.begin(), std::make_move_iterator(others.begin()),
                std::make_move_iterator(others.end()));
}

absl::StatusOr<bool> CsvReader::NextFields(FeedRow& row,
                                           std::vector<std::string>& fields) {
  FeedLine line;
  std::vector<FeedLine> others;  // of the row, after its first
  while (true) {
    const absl::StatusOr<bool> more = NextLine(line);
    if (!more.ok()) return more;
    if (!*more) {
      if (row.line == 0) return false;
      OpenQuote(row, std::move(others));
      return true;
    }
    if (row.line == 0) {
      row.line = line.number;
    } else {
      others.push_back(line);
    }
    row.status = CheckLine(line, options_.max_row_bytes);
    if (!row.status.ok()) break;
    const CsvParser::State state = parser_->Add(line.text, fields);
    if (state == CsvParser::State::kRow) return true;
    if (state == CsvParser::State::kNothing) {
      row.line = 0;
      continue;
    }
    if (state == CsvParser::State::kBad) {
      row.status = BadRow(kFieldInvalid,
                          "这一行无法分列；请检查引号，换行须为 LF 或 CRLF");
      return true;
    }
    if (parser_->pending_bytes() > options_.max_row_bytes) {
      OpenQuote(row, std::move(others));
      return true;
    }
  }
  parser_->Reset();
  return true;
}

FeedFormat FormatOf(std::string name) {
  absl::AsciiStrToLower(&name);
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  constexpr std::array<std::pair<std::string_view, FeedFormat>, 6> kNames = {{
      {".jsonl", FeedFormat::kJsonl},
      {".ndjson", FeedFormat::kJsonl},
      {".json", FeedFormat::kJsonl},
      {".csv", FeedFormat::kCsv},
      {".txt", FeedFormat::kCsv},
      {".tsv", FeedFormat::kTsv},
  }};
  for (const auto& [ending, format] : kNames) {
    if (name.ends_with(ending)) return format;
  }
  return FeedFormat::kAuto;
}

}  // namespace

const FeedCell* FeedRow::Find(std::string_view column) const {
  for (const FeedCell& cell : cells) {
    if (cell.column == column) return &cell;
  }
  return nullptr;
}

std::string_view FeedRow::Text(std::string_view column) const {
  const FeedCell* cell = Find(column);
  return cell == nullptr || cell->values.empty() ? std::string_view()
                                                 : cell->values.front();
}

std::string_view FeedRow::RawToSend() const {
  return raw.size() > kMaxRawBytes ? std::string_view() : raw;
}

absl::StatusOr<std::unique_ptr<FeedReader>> OpenFeed(
    const std::string& path, const FeedOptions& options) {
  const FeedFormat format =
      options.format == FeedFormat::kAuto ? FormatOf(path) : options.format;
  if (format == FeedFormat::kAuto) {
    return MakeError(
        absl::StatusCode::kInvalidArgument, kFieldInvalid,
        absl::StrCat("无法由文件名判断格式：", path,
                     "；允许：.jsonl .ndjson .json .csv .tsv .txt，均可加 "
                     ".gz；或用 --format 指明 (Excel 请先另存为 CSV)"));
  }
  absl::StatusOr<std::unique_ptr<LineReader>> lines =
      LineReader::Open(path, options.max_row_bytes);
  if (!lines.ok()) return lines.status();
  if (format == FeedFormat::kJsonl) {
    return std::make_unique<JsonlReader>(*std::move(lines), options);
  }
  auto reader = std::make_unique<CsvReader>(*std::move(lines), options);
  if (absl::Status s = reader->ReadHeader(format == FeedFormat::kTsv);
      !s.ok()) {
    return s;
  }
  return reader;
}

}  // namespace gradmatch
