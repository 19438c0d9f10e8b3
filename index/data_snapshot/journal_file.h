#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_JOURNAL_FILE_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_JOURNAL_FILE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/data_snapshot/manifest.h"

namespace gradmatch {

// What people decided about themselves, kept beside the data snapshots so that
// it survives the loss of the data folder: erasures, preferences, placements,
// freezes, deletions. A data folder that is restored from an older snapshot
// gets all of it again before it is served; the last entry about a person
// counts, and applying the whole journal twice changes nothing.
//
// The file RIGHTS:
//
//   head    := "gradmatch-rights 1 <lineage> <number> <chain>\n"
//   record  := u32(length) kind bytes chain
//   kind    := 'e'  bytes are a StoredRightsEntry
//            | 'h'  bytes are the SHA-256 of an entry that was taken out
//   chain   := SHA-256(chain before ‖ SHA-256 of the entry), 32 bytes
//
// Numbers are big endian. The head's number and chain are those before the
// first record; lineage is drawn when the file is made. Entries that no data
// snapshot needs any more are dropped from the front; entries about somebody
// who was erased are replaced by their hash, which a random salt keeps from
// being guessed. So a data snapshot that knows where the journal stood can tell
// that this is its journal, and that nothing before that place is missing.
// What was cut off behind it cannot be told.
inline constexpr char kRightsName[] = "RIGHTS";

struct JournalRecord {
  int64_t number = 0;
  std::string chain;  // 32 bytes
  // Not there for one that was taken out.
  bool taken_out = false;
  v1::StoredRightsEntry entry;
  std::string bytes;  // the entry's own, since the same one has several forms
  std::string hash;   // 32 bytes, of these
};

struct JournalContents {
  JournalPosition base;  // before the first record
  std::vector<JournalRecord> records;
  // Bytes that belong to whole records; behind them is at most one append that
  // was cut short, which nobody was told of.
  int64_t whole_bytes = 0;

  JournalPosition end() const;
};

// The bytes of a file with these contents.
std::string SerializeJournal(const JournalContents& contents);
// One more record behind `end`, which becomes its end.
std::string AppendRecord(const v1::StoredRightsEntry& entry,
                         JournalPosition& end);
// DataLoss when a record is damaged, with its number.
absl::StatusOr<JournalContents> ParseJournal(std::string_view bytes);

// NotFound when there is none; DataLoss when a record is damaged, with its
// number.
absl::StatusOr<JournalContents> ReadJournal(const std::string& folder);

// OK when the journal is the one that stood at `position`, and goes on from
// there without a gap. FailedPrecondition says what is wrong.
absl::Status CheckCovers(const JournalContents& journal,
                         const JournalPosition& position);

// Takes an entry out: its hash stays.
void TakeOut(JournalRecord& record);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_JOURNAL_FILE_H_
