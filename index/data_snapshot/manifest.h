#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_MANIFEST_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_MANIFEST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace gradmatch {

// A data snapshot is a copy of the data folder at one moment, for when that is
// lost. To operators it is a snapshot (`gradmatch snapshot`, snapshot.folder);
// in the code and the API it is a DataSnapshot, because Snapshot is what a
// search reads (index/snapshot.h). On disk:
//
//   <snapshot.folder>/
//     LOCK                  held by the server that writes here
//     RIGHTS                journal of rights (rights_journal.h)
//     20261201T031900Z/     a data snapshot; its id is the time, in UTC
//       MANIFEST            this file
//       data/               as a data folder, so that it can be copied by hand
//     <id>.part/            one that is being made, or was broken off
//     <id>.gone/            one that is being removed
//
// The manifest is text, a line each, in this order:
//
//   gradmatch-data-snapshot 1       version of this grammar
//   id <id>
//   created_at <RFC 3339, UTC>
//   created_by <program and version>
//   data_format <n>
//   sequence <n>                    last write in it
//   generation <n>                  of the catalog, at least
//   new_bytes <n>                   not shared when it was made
//   journal <lineage> <n> <chain>   where the journal of rights stood; or "-"
//   seal_key <id>                   any number; never the keys themselves
//   file <sha256> <bytes> <table id or -> <path in data/>    any number, sorted
//   end <sha256 of all that is above>
//
// Everything is checked before any of it is believed. The hash finds damage and
// mistakes; whoever may write the folder can forge it: give the folder to the
// server's user only.
inline constexpr int kManifestVersion = 1;
inline constexpr char kManifestName[] = "MANIFEST";
inline constexpr char kDataPart[] = "data";

// Where a journal of rights stands: how many entries, and the hash over them.
struct JournalPosition {
  std::string lineage;  // of the journal; empty: there was none
  int64_t number = 0;
  std::string chain;  // hex

  friend bool operator==(const JournalPosition&,
                         const JournalPosition&) = default;
};

struct SnapshotFile {
  std::string path;  // within data/, with '/'
  int64_t bytes = 0;
  std::string sha256;    // hex
  std::string table_id;  // of tables (store_copy.h); else empty
};

struct SnapshotManifest {
  std::string id;
  absl::Time created_at;  // whole seconds
  std::string created_by;
  int data_format = 0;
  uint64_t sequence = 0;
  uint64_t generation = 0;
  int64_t new_bytes = 0;
  JournalPosition journal;
  std::vector<std::string> seal_keys;
  std::vector<SnapshotFile> files;

  int64_t TotalBytes() const;
};

// Whether `id` is one that NewSnapshotId makes.
bool IsSnapshotId(std::string_view id);

std::string SerializeManifest(SnapshotManifest manifest);
// DataLoss, SNAPSHOT_DAMAGED, with the line and what was expected: not a
// manifest, of a newer version, cut short, changed by a bit, a path that leads
// out of the folder. `where` names the file in messages.
absl::StatusOr<SnapshotManifest> ParseManifest(std::string_view text,
                                               std::string_view where);
// The hash in the last line of a manifest that parses.
std::string ManifestHash(std::string_view text);

// DataLoss, SNAPSHOT_DAMAGED: the reason that all of this folder's refusals
// have. `what` is told to operators, so in Chinese.
absl::Status SnapshotDamaged(std::string_view what);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_MANIFEST_H_
