#ifndef GRADMATCH_SERVER_FEED_GZIP_FILE_H_
#define GRADMATCH_SERVER_FEED_GZIP_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace gradmatch {

// Reads a file, unpacking it when it is gzip, whatever its name. Used by one
// thread.
class GzipFile {
 public:
  // NotFound, or FailedPrecondition for what is no plain file.
  static absl::StatusOr<std::unique_ptr<GzipFile>> Open(
      const std::string& path);
  ~GzipFile();

  // Appends up to `size` bytes to `out`; 0 at the end. DataLoss for a gzip that
  // is cut or damaged, naming the place; all bytes before it were given.
  absl::StatusOr<size_t> Read(size_t size, std::string& out);

  // Of the file as it lies there.
  int64_t bytes_read() const;
  int64_t bytes_total() const { return total_; }

 private:
  GzipFile() = default;

  void* file_ = nullptr;  // gzFile
  std::string path_;
  int64_t total_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_GZIP_FILE_H_
