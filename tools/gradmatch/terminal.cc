#include "tools/gradmatch/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// One character of UTF-8: its bytes and its columns.
struct Char {
  size_t bytes;
  int columns;
};

Char CharAt(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  size_t bytes = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  bytes = std::min(bytes, text.size() - at);
  uint32_t code = bytes == 1 ? lead : lead & (0xFF >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) {
    code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3F);
  }
  // East Asian wide and full-width blocks, and emoji.
  const bool wide = (code >= 0x1100 && code <= 0x115F) ||
                    (code >= 0x2E80 && code <= 0xA4CF) ||
                    (code >= 0xAC00 && code <= 0xD7A3) ||
                    (code >= 0xF900 && code <= 0xFAFF) ||
                    (code >= 0xFE30 && code <= 0xFE4F) ||
                    (code >= 0xFF00 && code <= 0xFF60) ||
                    (code >= 0x1F300 && code <= 0x1FAFF) ||
                    (code >= 0x20000 && code <= 0x3FFFD);
  return {bytes, wide ? 2 : 1};
}

constexpr absl::Duration kTerminalInterval = absl::Milliseconds(100);
constexpr absl::Duration kLogInterval = absl::Seconds(2);

}  // namespace

int DisplayWidth(std::string_view text) {
  int columns = 0;
  for (size_t at = 0; at < text.size();) {
    const Char c = CharAt(text, at);
    columns += c.columns;
    at += c.bytes;
  }
  return columns;
}

std::string CutToWidth(std::string_view text, int width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  int columns = 0;
  size_t at = 0;
  while (at < text.size()) {
    const Char c = CharAt(text, at);
    if (columns + c.columns > width - 1) break;
    columns += c.columns;
    at += c.bytes;
  }
  return std::string(text.substr(0, at)) + "…";
}

std::string Grouped(int64_t number) {
  const std::string digits = absl::StrCat(number);
  std::string grouped;
  for (size_t i = 0; i < digits.size(); ++i) {
    const size_t left = digits.size() - i;
    const bool after_digit = i > 0 && digits[i - 1] != '-';
    if (after_digit && left % 3 == 0) grouped.push_back(',');
    grouped.push_back(digits[i]);
  }
  return grouped;
}

std::string ShortDuration(absl::Duration duration) {
  const int64_t s = absl::ToInt64Seconds(duration + absl::Milliseconds(500));
  if (s >= 3600) {
    return absl::StrFormat("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
  }
  return absl::StrFormat("%d:%02d", s / 60, s % 60);
}

Table::Table(std::vector<std::string> header)
    : header_(std::move(header)), right_(header_.size(), false) {}

Table& Table::Right(std::vector<size_t> columns) {
  for (size_t column : columns) right_[column] = true;
  return *this;
}

void Table::Add(std::vector<std::string> cells) {
  cells.resize(header_.size());
  rows_.push_back({std::move(cells), {}});
}

void Table::AddNote(std::string note) {
  rows_.back().notes.push_back(std::move(note));
}

std::string Table::ToString() const {
  std::vector<int> widths;
  for (const std::string& title : header_) {
    widths.push_back(DisplayWidth(title));
  }
  for (const Row& row : rows_) {
    for (size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], DisplayWidth(row.cells[i]));
    }
  }
  std::string out;
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string text;
    for (size_t i = 0; i < cells.size(); ++i) {
      const std::string pad(widths[i] - DisplayWidth(cells[i]), ' ');
      absl::StrAppend(&text, i == 0 ? "" : "  ", right_[i] ? pad : "", cells[i],
                      right_[i] ? "" : pad);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    absl::StrAppend(&out, text, "\n");
  };
  line(header_);
  for (const Row& row : rows_) {
    line(row.cells);
    for (const std::string& note : row.notes) {
      absl::StrAppend(&out, "      ", note, "\n");
    }
  }
  return out;
}

Progress::Progress(std::string what, bool quiet,
                   std::function<absl::Time()> now)
    : what_(std::move(what)),
      quiet_(quiet),
      terminal_(isatty(STDERR_FILENO) != 0),
      now_(std::move(now)),
      start_(now_()),
      stage_start_(start_) {}

Progress::~Progress() { Finish(); }

void Progress::Update(int64_t done, int64_t total, absl::Duration eta) {
  const absl::Time now = now_();
  const bool last = total > 0 && done >= total;
  if (quiet_ || (!last && now - last_print_ <
                              (terminal_ ? kTerminalInterval : kLogInterval))) {
    return;
  }
  last_print_ = now;
  const double seconds = absl::ToDoubleSeconds(now - stage_start_);
  // A stage that was joined late would seem to run at any speed.
  const double rate = seconds > 0.5 ? done / seconds : 0;
  std::string line = absl::StrCat("  ", what_, "  ", Grouped(done));
  if (total > 0) {
    absl::StrAppend(&line, " / ", Grouped(total), "  ", done * 100 / total,
                    " %");
  }
  if (rate > 0) {
    absl::StrAppend(&line, "  ", Grouped(static_cast<int64_t>(rate)), "/s");
  }
  if (eta == absl::InfiniteDuration() && total > done && rate > 0) {
    eta = absl::Seconds((total - done) / rate);
  }
  if (eta != absl::InfiniteDuration() && !last) {
    absl::StrAppend(&line, "  剩余 ", ShortDuration(eta));
  }
  Print(line);
}

void Progress::Stage(const std::string& what) {
  if (what == what_) return;
  Finish();
  what_ = what;
  stage_start_ = now_();
  last_print_ = absl::InfinitePast();
}

void Progress::Print(const std::string& line) {
  if (terminal_) {
    std::fprintf(stderr, "\r\033[K%s", line.c_str());
    line_open_ = true;
  } else {
    std::fprintf(stderr, "%s\n", line.c_str());
  }
  std::fflush(stderr);
}

void Progress::Finish() {
  if (line_open_) std::fprintf(stderr, "\n");
  line_open_ = false;
}

}  // namespace gradmatch
