#ifndef GRADMATCH_INDEX_DATA_SNAPSHOT_RIGHTS_JOURNAL_H_
#define GRADMATCH_INDEX_DATA_SNAPSHOT_RIGHTS_JOURNAL_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/clock.h"
#include "index/base/group_commit.h"
#include "index/base/mutex.h"
#include "index/data_snapshot/journal_file.h"
#include "index/file_system.h"

namespace gradmatch {

// The journal of a server that writes. All methods may run concurrently; calls
// of Append that wait for each other share one sync.
class RightsJournal {
 public:
  // Makes an empty one where there is none (`made`). `clock` is borrowed.
  static absl::StatusOr<std::unique_ptr<RightsJournal>> Open(
      const std::string& folder, const Clock& clock);

  bool made() const { return made_; }

  // Sets numbers and times, and returns when the entries are on stable storage:
  // answer nothing before. UNAVAILABLE, RIGHTS_JOURNAL_UNAVAILABLE: none of
  // them counts as written. After a failed sync all further calls fail until
  // the server starts again.
  absl::Status Append(std::vector<v1::StoredRightsEntry> entries);

  JournalPosition position() const;
  // All decisions up to this catalog generation are in the journal.
  uint64_t generation() const;

  // Whether `token` is the last that the journal has of this token.
  bool HasToken(const v1::StoredToken& token) const;

  // Erasures with a time after `time`.
  int64_t ErasedSince(absl::Time time) const;

  // Takes out what says `gone`, and drops what is older than `oldest` from the
  // front; by a new file in place of the old. The erasures that stay are not
  // asked about.
  absl::Status Compact(
      absl::Time oldest,
      const std::function<bool(const v1::StoredRightsEntry&)>& gone);

 private:
  using Entries = std::vector<v1::StoredRightsEntry>;

  RightsJournal(std::string folder, const Clock& clock)
      : folder_(std::move(folder)), clock_(clock) {}

  std::string path() const;
  absl::Status Load(const JournalContents& contents)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status WriteGroup(std::span<const Entries* const> group);
  absl::Status CompactNow(
      absl::Time oldest,
      const std::function<bool(const v1::StoredRightsEntry&)>& gone);
  void Note(const v1::StoredRightsEntry& entry)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const std::string folder_;
  const Clock& clock_;
  bool made_ = false;

  GroupCommit<Entries> writes_;
  mutable Mutex mu_;
  absl::Status broken_ ABSL_GUARDED_BY(mu_);
  JournalPosition end_ ABSL_GUARDED_BY(mu_);
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<absl::Time> erasures_ ABSL_GUARDED_BY(mu_);
  // Last entry of each token, as bytes, by name.
  std::map<std::string, std::string> tokens_ ABSL_GUARDED_BY(mu_);
  // Of the one that writes.
  FileDescriptor file_;
  int64_t bytes_ = 0;  // of whole records
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_DATA_SNAPSHOT_RIGHTS_JOURNAL_H_
