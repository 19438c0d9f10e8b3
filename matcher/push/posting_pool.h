#ifndef GRADMATCH_MATCHER_PUSH_POSTING_POOL_H_
#define GRADMATCH_MATCHER_PUSH_POSTING_POOL_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/push_store.h"
#include "index/snapshot.h"
#include "index/store.h"

namespace gradmatch {

// The postings of a run's snapshot as duplicate groups with what is left of
// their caps. A group is one vacancy told by several sources: it has one cap,
// and a graduate hears of it once, through whichever member. Groups and
// employers are counted densely from 0, in the order of rows. Immutable.
class PostingPool {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  // The cap of a group is the most openings a member states, times
  // `applicants_per_opening`, minus what the counters of all its members, past
  // and present, say was pushed in all runs.
  static absl::StatusOr<PostingPool> Build(const Snapshot& snapshot,
                                           const Store& store,
                                           const PushStore& push_store,
                                           int applicants_per_opening,
                                           absl::Time now);

  // By row of the snapshot; kNone for rows that are not live.
  std::span<const uint32_t> group_of() const { return group_of_; }
  std::span<const uint32_t> employer_of() const { return employer_of_; }
  // By group: graduates that may still be told, and whether it can be pushed at
  // all: not expired, not of a sandbox.
  std::span<const uint32_t> caps() const { return caps_; }
  const std::vector<bool>& open() const { return open_; }

  // Of the posting with this key or name, also of one that has no row any more
  // but was a member; nullopt when no row shares its group.
  std::optional<uint32_t> GroupOfKey(std::string_view posting_key) const;
  std::optional<uint32_t> GroupOfName(std::string_view posting_name) const;

  // The groups that a graduate with this ledger was told about, ascending: by
  // the group an entry was written for, by the group its posting is in now, and
  // by the group that has its fingerprint now: a group ends with its last
  // member, and the same vacancy posted anew founds another.
  std::vector<uint32_t> Told(std::span<const LedgerLine> ledger) const;

 private:
  void AddRows(const Snapshot& snapshot, absl::Time now,
               std::vector<int64_t>& openings);
  absl::Status AddMembers(const Store& store);

  std::vector<uint32_t> group_of_;
  std::vector<uint32_t> employer_of_;
  std::vector<uint32_t> caps_;
  std::vector<bool> open_;
  // NameKey of a canonical posting or member -> group.
  absl::flat_hash_map<uint64_t, uint32_t> group_of_name_;
  absl::flat_hash_map<uint64_t, uint32_t> group_of_fingerprint_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_POSTING_POOL_H_
