#ifndef GRADMATCH_SERVER_FEED_FEED_REPORT_H_
#define GRADMATCH_SERVER_FEED_FEED_REPORT_H_

#include <array>
#include <cstdint>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradmatch/v1/common.pb.h"
#include "gradmatch/v1/sync.pb.h"
#include "server/feed/posting_mapping.h"

namespace gradmatch {

// What became of one row of a feed. A row that could not be read or mapped was
// never sent: REJECTED with the mapping's error.
struct FeedRowReport {
  int64_t line = 0;
  std::string id;  // the row's own id; empty if it has none
  v1::SyncRowResult::Status status = v1::SyncRowResult::STATUS_UNSPECIFIED;
  v1::RowError error;             // for REJECTED
  std::vector<v1::Issue> issues;  // of the mapping and of the server
};

// Counts by outcome; rows == the sum of the others.
struct FeedCounts {
  int64_t rows = 0;
  std::array<int64_t, v1::SyncRowResult::Status_ARRAYSIZE> by_status{};
  int64_t of(v1::SyncRowResult::Status status) const {
    return by_status[status];
  }
};

// Adds up an import and writes its report. Used by one thread.
class FeedReport {
 public:
  // `csv` may be null: only counting. Writes the header line.
  explicit FeedReport(std::ostream* csv);

  // Every row of the feed is added once. The CSV gets a line for a row that was
  // rejected or quarantined, and one for each issue of the others; with
  // `all_rows` one at least for each row.
  void Add(const FeedRowReport& row);
  void set_all_rows(bool all_rows) { all_rows_ = all_rows; }

  // How the columns were read, for ReadingShares.
  void AddReadings(const std::vector<std::string>& fields,
                   const std::vector<FieldReading>& readings);

  // The same for the entries of lists.
  void AddEntries(const std::vector<EntryReading>& entries);

  const FeedCounts& counts() const { return counts_; }
  // How often each issue code or error reason occurred.
  const std::map<std::string, int64_t>& reasons() const { return reasons_; }
  struct Shares {
    int64_t absent = 0;
    int64_t understood = 0;
    int64_t raw = 0;
  };
  const std::map<std::string, Shares>& readings() const { return readings_; }
  struct Entries {
    int64_t entries = 0;
    int64_t unread = 0;
    std::map<std::string, int64_t> texts;  // the unread ones
  };
  const std::map<std::string, Entries>& entries() const { return entries_; }

 private:
  void WriteLine(const FeedRowReport& row, std::string_view code,
                 std::string_view field, std::string_view value,
                 std::string_view allowed, std::string_view nearest,
                 std::string_view message);

  std::ostream* const csv_;
  bool all_rows_ = false;
  FeedCounts counts_;
  std::map<std::string, int64_t> reasons_;
  std::map<std::string, Shares> readings_;
  std::map<std::string, Entries> entries_;
};

// The Chinese word of an outcome: "新增", "未变", ...
std::string_view StatusText(v1::SyncRowResult::Status status);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_FEED_REPORT_H_
