#include "matcher/push/posting_pool.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "gradmatch/v1/storage.pb.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/posting_keys.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

constexpr char kMembersPrefix[] = "m";

uint64_t KeyOf(std::string_view posting_key) {
  return NameKey(PostingNameOfKey(posting_key));
}

}  // namespace

absl::StatusOr<PostingPool> PostingPool::Build(const Snapshot& snapshot,
                                               const Store& store,
                                               const PushStore& push_store,
                                               int applicants_per_opening,
                                               absl::Time now) {
  PostingPool pool;
  std::vector<int64_t> left;  // by group: openings, then what the cap leaves
  pool.AddRows(snapshot, now, left);
  if (absl::Status s = pool.AddMembers(store); !s.ok()) return s;
  for (int64_t& value : left) value *= applicants_per_opening;
  absl::Status counted = push_store.ForEachCounter(
      [&](std::string_view canonical_key, int64_t pushed) {
        const std::optional<uint32_t> group = pool.GroupOfKey(canonical_key);
        if (group.has_value()) left[*group] -= pushed;
      });
  if (!counted.ok()) return counted;
  pool.caps_.reserve(left.size());
  for (int64_t value : left) {
    pool.caps_.push_back(
        static_cast<uint32_t>(std::clamp<int64_t>(value, 0, UINT32_MAX)));
  }
  return pool;
}

void PostingPool::AddRows(const Snapshot& snapshot, absl::Time now,
                          std::vector<int64_t>& openings) {
  group_of_.assign(snapshot.rows(), kNone);
  employer_of_.assign(snapshot.rows(), kNone);
  absl::flat_hash_map<uint64_t, uint32_t> employers;
  const int32_t now_second = SchemaSecond(now);
  snapshot.live().ForEach([&](RowId id) {
    const auto row = static_cast<uint32_t>(id);
    const RowAttributes attributes(snapshot, id);
    const uint64_t canonical = attributes.Set(kCanonicalColumn).front();
    const auto [entry, added] = group_of_name_.try_emplace(
        canonical, static_cast<uint32_t>(openings.size()));
    const uint32_t group = entry->second;
    if (added) {
      openings.push_back(0);
      open_.push_back(false);
    }
    group_of_[row] = group;
    employer_of_[row] =
        employers
            .try_emplace(attributes.Set(kEmployerColumn).front(),
                         static_cast<uint32_t>(employers.size()))
            .first->second;
    openings[group] =
        std::max<int64_t>(openings[group], attributes.Scalar(kOpeningsColumn));
    if (attributes.Scalar(kSandboxColumn) == 0 &&
        attributes.Scalar(kExpireColumn) >= now_second) {
      open_[group] = true;
    }
  });
  // A second walk, since a member's own name must not take the place of a
  // canonical one that comes later.
  snapshot.live().ForEach([&](RowId id) {
    group_of_name_.try_emplace(NameKey(snapshot.Id(id)),
                               group_of_[static_cast<uint32_t>(id)]);
  });
}

absl::Status PostingPool::AddMembers(const Store& store) {
  auto cursor =
      store.Scan(Family::kDuplicateGroup, PrefixRange(kMembersPrefix));
  for (; cursor->Valid(); cursor->Next()) {
    v1::StoredDuplicateGroup stored;
    if (!stored.ParseFromArray(cursor->value().data(),
                               static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError("a duplicate group does not parse");
    }
    const std::optional<uint32_t> group =
        GroupOfKey(cursor->key().substr(sizeof(kMembersPrefix) - 1));
    if (!group.has_value()) continue;
    group_of_fingerprint_.try_emplace(stored.fingerprint(), *group);
    for (const std::string& member : stored.members()) {
      group_of_name_.try_emplace(KeyOf(member), *group);
    }
  }
  return cursor->status();
}

std::optional<uint32_t> PostingPool::GroupOfKey(
    std::string_view posting_key) const {
  return GroupOfName(PostingNameOfKey(posting_key));
}

std::optional<uint32_t> PostingPool::GroupOfName(
    std::string_view posting_name) const {
  const auto it = group_of_name_.find(NameKey(posting_name));
  if (it == group_of_name_.end()) return std::nullopt;
  return it->second;
}

std::vector<uint32_t> PostingPool::Told(
    std::span<const LedgerLine> ledger) const {
  std::vector<uint32_t> groups;
  for (const LedgerLine& line : ledger) {
    for (std::string_view key : {std::string_view(line.canonical_key),
                                 std::string_view(line.entry.posting())}) {
      const std::optional<uint32_t> group = GroupOfKey(key);
      if (group.has_value()) groups.push_back(*group);
    }
    if (line.entry.fingerprint() == 0) continue;
    const auto same = group_of_fingerprint_.find(line.entry.fingerprint());
    if (same != group_of_fingerprint_.end()) groups.push_back(same->second);
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

}  // namespace gradmatch
