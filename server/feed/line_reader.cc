#include "server/feed/line_reader.h"

#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

constexpr size_t kReadBytes = 128 << 10;
constexpr size_t kSampleBytes = 64 << 10;
constexpr std::string_view kBom = "\xEF\xBB\xBF";

}  // namespace

absl::StatusOr<std::unique_ptr<LineReader>> LineReader::Open(
    const std::string& path, size_t max_line_bytes) {
  absl::StatusOr<std::unique_ptr<GzipFile>> file = GzipFile::Open(path);
  if (!file.ok()) return file.status();
  std::unique_ptr<LineReader> reader(new LineReader());
  reader->file_ = *std::move(file);
  reader->max_line_bytes_ = max_line_bytes;
  while (!reader->at_end_ && reader->buffer_.size() < kSampleBytes) {
    if (absl::Status s = reader->Fill(); !s.ok()) return s;
  }
  const absl::StatusOr<TextEncoding> encoding =
      DetectEncoding(std::string_view(reader->buffer_).substr(0, kSampleBytes));
  if (!encoding.ok()) return encoding.status();
  reader->encoding_ = *encoding;
  if (reader->buffer_.starts_with(kBom)) reader->begin_ = kBom.size();
  return reader;
}

// Reads more. An error of the file is kept until its lines are used up.
absl::Status LineReader::Fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  const absl::StatusOr<size_t> got = file_->Read(kReadBytes, buffer_);
  if (!got.ok()) {
    error_ = got.status();
    at_end_ = true;
    // A file that cannot be read at all says so at once.
    return buffer_.empty() && number_ == 0 ? error_ : absl::OkStatus();
  }
  at_end_ = *got == 0;
  return absl::OkStatus();
}

absl::StatusOr<bool> LineReader::Next(FeedLine& line) {
  line = FeedLine{};
  size_t searched = 0;  // from begin_
  size_t end;
  while ((end = buffer_.find('\n', begin_ + searched)) == std::string::npos &&
         !at_end_) {
    searched = buffer_.size() - begin_;
    if (searched > max_line_bytes_) {
      // Drop what is there; the line goes on.
      line.too_long = true;
      begin_ = buffer_.size();
      searched = 0;
    }
    if (absl::Status s = Fill(); !s.ok()) return s;
  }
  if (end == std::string::npos) {
    // A line that a read error cut is no line.
    if (!error_.ok()) return error_;
    if (begin_ == buffer_.size() && !line.too_long) return false;
    end = buffer_.size();
  }
  line.number = ++number_;
  std::string_view text =
      std::string_view(buffer_).substr(begin_, end - begin_);
  begin_ = std::min(buffer_.size(), end + 1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (line.too_long || text.size() > max_line_bytes_) {
    line.too_long = true;
    return true;
  }
  if (encoding_ == TextEncoding::kGb18030) {
    std::optional<std::string> decoded = decoder_.Decode(text);
    if (decoded.has_value()) {
      line.text = *std::move(decoded);
    } else {
      line.bad_byte = 0;
    }
    return true;
  }
  line.bad_byte = FindInvalidUtf8(text);
  if (!line.bad_byte.has_value()) line.text = std::string(text);
  return true;
}

}  // namespace gradmatch
