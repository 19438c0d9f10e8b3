#ifndef GRADMATCH_MATCHER_INGEST_DUPLICATE_GROUPS_H_
#define GRADMATCH_MATCHER_INGEST_DUPLICATE_GROUPS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gradmatch/v1/posting.pb.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/store.h"

namespace gradmatch {

// What two postings share when they are one vacancy told by two sources: a
// hash of the employer (its uscc when the check digit is right, else its name),
// the title, and the sorted cities, all in matching form. `posting` is
// normalised.
uint64_t DuplicateFingerprint(const v1::Posting& posting);

// Reads the duplicate groups of the store. Group and flag, never merge:
//
// - The first posting with a fingerprint founds its group; the key of the
//   founder is the group's id for the group's life, even when the founder has
//   left, so that the ledger of pushes need not be rewritten.
// - A posting that is closed or deleted leaves; one whose fingerprint changes
//   leaves and joins another. The last one to leave ends the group.
// - A posting whose own key is the id of a living group belongs to that group,
//   whatever its fingerprint: no two groups ever share an id.
//
// Immutable; thread-safe.
class DuplicateGroups {
 public:
  explicit DuplicateGroups(const Store& store) : store_(store) {}

  // The groups as one batch of changes leaves them, before they are written.
  // Used by one thread, under the locks that LockKeys names.
  class Edit;

 private:
  const Store& store_;
};

class DuplicateGroups::Edit {
 public:
  explicit Edit(const DuplicateGroups& groups) : store_(groups.store_) {}

  // Moves the posting at `key` out of the group it is in (`old_group`: the key
  // of its canonical posting, empty if none) into the one it belongs to.
  // Returns that group's id, the key of its canonical posting.
  absl::StatusOr<std::string> Join(std::string_view key, uint64_t fingerprint,
                                   std::string_view old_group);
  // Moves it out only.
  absl::Status Leave(std::string_view key, std::string_view old_group);

  // What is to be written. Also the keys of all fingerprints and groups that
  // were read or changed so far, for locking.
  void AddTo(WriteBatch& batch) const;
  const std::vector<uint64_t>& touched() const { return touched_; }

 private:
  struct Group {
    v1::StoredDuplicateGroup record;
    bool stored = false;  // was there before this edit
    bool changed = false;
  };
  struct Lead {
    std::string id;  // of the group; empty if there is none
    bool changed = false;
  };
  absl::StatusOr<Group*> Load(std::string_view id);
  absl::StatusOr<Lead*> LoadLead(uint64_t fingerprint);
  absl::StatusOr<std::string> GroupOf(std::string_view key,
                                      uint64_t fingerprint);

  const Store& store_;
  std::map<std::string, Group, std::less<>> groups_;
  std::map<uint64_t, Lead> leads_;
  std::vector<uint64_t> touched_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_DUPLICATE_GROUPS_H_
