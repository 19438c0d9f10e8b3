#ifndef GRADMATCH_INDEX_FORMAT_H_
#define GRADMATCH_INDEX_FORMAT_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

// The version this program writes, and the oldest program version that reads
// what it writes. Raise the first with any change on disk, the second with one
// that an older program would misread.
//   1  the first
//   2  more families: code_table, staff, erasure, hand_recommendation,
//      sync_figures; content keys without a kind (none were written before)
//   3  one more family: token. An older program would open the folder to
//      whoever asks
inline constexpr int kFormatVersion = 3;
inline constexpr int kLeastReaderVersion = 3;

// The FORMAT file at the top of a data folder: lines "name: value".
struct Format {
  int format_version = kFormatVersion;
  int least_reader_version = kLeastReaderVersion;
  std::string created_by;  // "gradmatch 0.1.0"
  absl::Time created_at;   // whole seconds
};

std::string SerializeFormat(const Format& format);
// Unknown names are ignored; a missing or malformed known one is DataLoss.
absl::StatusOr<Format> ParseFormat(std::string_view text);

// FailedPrecondition when a program of `reader_version` must not touch it.
absl::Status CheckReadable(const Format& format, int reader_version);

struct FormatResult {
  Format format;
  bool created = false;  // the folder was empty or missing until now
};
// Reads and checks `folder`/FORMAT. A missing or empty folder becomes a data
// folder (FORMAT is on stable storage before this returns) if `create_if_empty`
// and is NotFound otherwise; a folder with other things in it and no FORMAT is
// refused with FailedPrecondition, since it is not ours.
absl::StatusOr<FormatResult> OpenFormat(const std::string& folder,
                                        bool create_if_empty,
                                        std::string_view created_by,
                                        absl::Time now);

// Writes this program's versions into the FORMAT of an older folder, before
// anything else in it changes, so that an older program refuses the folder with
// the reason. Nothing happens to a folder of this version or a newer one.
absl::Status UpgradeFormat(const std::string& folder, Format& format);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_FORMAT_H_
