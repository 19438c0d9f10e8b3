#ifndef GRADMATCH_TOOLS_GRADMATCH_TERMINAL_H_
#define GRADMATCH_TOOLS_GRADMATCH_TERMINAL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace gradmatch {

// Columns of a terminal that `text` takes: Chinese characters take two.
int DisplayWidth(std::string_view text);
// Cut to `width` columns at a character border, with "…" when cut.
std::string CutToWidth(std::string_view text, int width);
// Digits in groups of three: 47,289.
std::string Grouped(int64_t number);
// Seconds as 0:07, 12:30, 3:05:00.
std::string ShortDuration(absl::Duration duration);

// Rows under a header, columns as wide as their widest cell.
class Table {
 public:
  explicit Table(std::vector<std::string> header);
  // Columns that hold numbers stand to the right.
  Table& Right(std::vector<size_t> columns);
  void Add(std::vector<std::string> cells);
  // A line under the last row, indented, not part of any column.
  void AddNote(std::string note);
  bool empty() const { return rows_.empty(); }
  std::string ToString() const;

 private:
  struct Row {
    std::vector<std::string> cells;
    std::vector<std::string> notes;
  };
  std::vector<std::string> header_;
  std::vector<bool> right_;
  std::vector<Row> rows_;
};

// Progress of long work on standard error: one line that is written over on a
// terminal, else a line every few seconds. Used by one thread.
class Progress {
 public:
  // `now` gives the time; nothing is printed when `quiet`.
  Progress(std::string what, bool quiet, std::function<absl::Time()> now);
  ~Progress();
  // `total` 0 means unknown: then no share and no time left. `eta` overrides
  // the time left that the rate predicts.
  void Update(int64_t done, int64_t total,
              absl::Duration eta = absl::InfiniteDuration());
  // Another stage: rate and time left begin anew.
  void Stage(const std::string& what);
  // Leaves the line as it is and goes to the next.
  void Finish();
  absl::Duration elapsed() const { return now_() - start_; }

 private:
  void Print(const std::string& line);

  std::string what_;
  const bool quiet_;
  const bool terminal_;
  const std::function<absl::Time()> now_;
  const absl::Time start_;
  absl::Time stage_start_;
  absl::Time last_print_ = absl::InfinitePast();
  bool line_open_ = false;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_TERMINAL_H_
