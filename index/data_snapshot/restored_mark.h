#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_RESTORED_MARK_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_RESTORED_MARK_H_

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "index/data_snapshot/manifest.h"

namespace gradmatch {

// Says in a data folder that it was restored, so that what people decided since
// is decided again before anything of it is served: the file RESTORED, removed
// when that is done. RESTORING, of the same grammar, is there while files are
// being copied. Lines, in this order:
//
//   gradmatch-restored 1
//   snapshot <id>
//   manifest <hash of the manifest>
//   journal_folder <path of the folder with RIGHTS, absolute>
//   journal <lineage> <n> <chain>      where it stood; or "-"
//   accepted <why going on without the journal is accepted>     may be missing
struct RestoredMark {
  std::string snapshot;
  std::string manifest_hash;
  std::string journal_folder;
  JournalPosition journal;
  std::string accepted;
};
inline constexpr char kRestoredName[] = "RESTORED";
inline constexpr char kRestoringName[] = "RESTORING";

std::string SerializeRestoredMark(const RestoredMark& mark);
// DataLoss when the text is no such mark.
absl::StatusOr<RestoredMark> ParseRestoredMark(std::string_view text);

// Nullopt when the folder was not restored, or that is done with.
absl::StatusOr<std::optional<RestoredMark>> ReadRestoredMark(
    const std::string& data_folder);
// On stable storage when this returns.
absl::Status RemoveRestoredMark(const std::string& data_folder);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_RESTORED_MARK_H_
