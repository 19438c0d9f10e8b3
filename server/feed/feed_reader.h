#ifndef GRADMATCH_SERVER_FEED_FEED_READER_H_
#define GRADMATCH_SERVER_FEED_FEED_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

enum class FeedFormat {
  kAuto,   // by the name: .jsonl .ndjson .json .csv .tsv .txt, each with .gz
  kJsonl,  // one JSON object a line
  kCsv,    // a header, then rows after RFC 4180; the delimiter is , ; or tab
  kTsv,    // the same, delimiter tab
};

struct FeedOptions {
  FeedFormat format = FeedFormat::kAuto;
  // A row that is longer is reported as a bad row and skipped.
  size_t max_row_bytes = 1 << 20;
  // False leaves the cells of JSONL rows empty: for rows that are read as
  // messages from `raw`.
  bool parse_cells = true;
};

// One column of a row: JSON strings as their text, numbers and booleans as
// JSON writes them, lists with each element, objects as JSON. Nulls are left
// out. Views are valid until the next Next.
struct FeedCell {
  std::string column;
  std::vector<std::string> values;  // one, but for lists
};

// One row of a feed.
struct FeedRow {
  int64_t line = 0;  // where it starts, from 1, the CSV header counted
  std::vector<FeedCell> cells;
  std::string raw;  // the row verbatim, as UTF-8; empty for CSV and TSV
  // Not OK when the row cannot be read: bad JSON, bad UTF-8, too long, more
  // fields than the header. Its cells are then empty; reading goes on.
  absl::Status status;

  // nullptr if the row has no such column.
  const FeedCell* Find(std::string_view column) const;
  // Its first value; empty if there is none.
  std::string_view Text(std::string_view column) const;
  // `raw`, or nothing when it is more than the server keeps (64 KiB).
  std::string_view RawToSend() const;
};

// Reads a file row by row, in bounded memory. UTF-8 with or without BOM; a file
// that is not UTF-8 is read as GB18030 (see text_encoding.h). Used by
// one thread.
class FeedReader {
 public:
  virtual ~FeedReader() = default;
  // False at the end. An error ends the feed: a cut gzip, a read error; what
  // was read before it stands.
  virtual absl::StatusOr<bool> Next(FeedRow& row) = 0;
  // Columns of the header; empty for JSONL.
  virtual const std::vector<std::string>& columns() const = 0;
  // Of the file as it lies there, compressed or not; for progress.
  virtual int64_t bytes_read() const = 0;
  virtual int64_t bytes_total() const = 0;
};

// NotFound, or InvalidArgument for a name whose format is not known, naming the
// formats there are.
absl::StatusOr<std::unique_ptr<FeedReader>> OpenFeed(
    const std::string& path, const FeedOptions& options = {});

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_FEED_READER_H_
