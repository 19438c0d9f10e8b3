// Feeds as files: CSV, TSV and JSON lines, in UTF-8 or GB18030, gzip or not.

#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "matcher/text/normalize.h"
#include "server/feed/feed_reader.h"
#include "server/feed/posting_mapping.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxRow = 8192;

// A file in memory that has a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(memfd_create("feed", 0)) {
    PROMISE(fd_ >= 0);
    PROMISE(write(fd_, bytes.data(), bytes.size()) ==
            static_cast<ssize_t>(bytes.size()));
  }
  ~MemoryFile() { close(fd_); }
  std::string path() const { return absl::StrCat("/proc/self/fd/", fd_); }

 private:
  const int fd_;
};

const PostingMapping& Mapping(bool columns) {
  static const auto& boards = *new PostingMapping(
      *PostingMapping::Load("tools/mappings/jobs_boards.yaml"));
  static const auto& json = *new PostingMapping(PostingMapping::ProtoJson());
  return columns ? boards : json;
}

void CheckRow(const FeedRow& row, bool columns) {
  if (!row.status.ok()) {
    PROMISE(row.cells.empty());
    return;
  }
  PROMISE(!FindInvalidUtf8(row.raw).has_value());
  for (const FeedCell& cell : row.cells) {
    PROMISE(!cell.values.empty() || !columns);
    for (const std::string& value : cell.values) {
      PROMISE(!FindInvalidUtf8(value).has_value());
    }
  }
  const MappedPosting mapped = Mapping(columns).Map(row);
  PROMISE(!mapped.error.has_value() || !mapped.error->reason().empty());
  if (!columns) {
    (void)MapGraduate(row);
    (void)MapContent(row);
  }
}

}  // namespace

// A bad row never ends a feed, what is read is UTF-8, lines do not go back.
void FuzzFeed(std::string_view bytes) {
  Choices choices(bytes);
  constexpr FeedFormat kFormats[] = {FeedFormat::kCsv, FeedFormat::kTsv,
                                     FeedFormat::kJsonl};
  FeedOptions options;
  options.format = kFormats[choices.Pick(std::size(kFormats))];
  options.max_row_bytes = kMaxRow;
  const bool columns = options.format != FeedFormat::kJsonl;
  const MemoryFile file(choices.rest());
  auto reader = OpenFeed(file.path(), options);
  if (!reader.ok()) return;
  FeedRow row;
  int64_t line = 0;
  for (int rows = 0; rows < 10'000; ++rows) {
    const auto more = (*reader)->Next(row);
    if (!more.ok() || !*more) return;
    PROMISE(row.line > line);
    line = row.line;
    CheckRow(row, columns);
  }
}

}  // namespace gradmatch
