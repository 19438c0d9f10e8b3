#ifndef GRADMATCH_SERVER_FEED_LINE_READER_H_
#define GRADMATCH_SERVER_FEED_LINE_READER_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/feed/gzip_file.h"
#include "server/feed/text_encoding.h"

namespace gradmatch {

// One line of a file, as UTF-8 without its line break.
struct FeedLine {
  int64_t number = 0;  // from 1
  std::string text;
  bool too_long = false;  // `text` is empty then
  // Byte of the first character that cannot be read; text is then empty.
  std::optional<size_t> bad_byte;
};

// Reads lines in bounded memory: "\n" and "\r\n" end them, a BOM is dropped,
// GB18030 is turned into UTF-8. Used by one thread.
class LineReader {
 public:
  static absl::StatusOr<std::unique_ptr<LineReader>> Open(
      const std::string& path, size_t max_line_bytes);

  // False at the end; an error as of GzipFile::Read, after the last whole line.
  absl::StatusOr<bool> Next(FeedLine& line);
  const GzipFile& file() const { return *file_; }

 private:
  LineReader() = default;
  absl::Status Fill();

  std::unique_ptr<GzipFile> file_;
  TextEncoding encoding_ = TextEncoding::kUtf8;
  Gb18030Decoder decoder_;
  size_t max_line_bytes_ = 0;
  std::string buffer_;
  size_t begin_ = 0;  // of what is unread in buffer_
  bool at_end_ = false;
  absl::Status error_;
  int64_t number_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_LINE_READER_H_
