#include "matcher/push/dismissed.h"

#include <algorithm>
#include <optional>
#include <string>

#include "index/keys.h"
#include "matcher/ingest/resource_id.h"
#include "matcher/posting_keys.h"
#include "matcher/posting_schema.h"

namespace gradmatch {
namespace {

uint64_t KeyOf(std::string_view posting_key) {
  return NameKey(PostingNameOfKey(posting_key));
}

// The group that has the fingerprint now: 0 when there is none.
absl::StatusOr<uint64_t> GroupOfFingerprint(const Store& store,
                                            uint64_t fingerprint) {
  if (fingerprint == 0) return uint64_t{0};
  const absl::StatusOr<std::string> canonical =
      store.Get(Family::kDuplicateGroup, FingerprintKey(fingerprint));
  if (absl::IsNotFound(canonical.status())) return uint64_t{0};
  if (!canonical.ok()) return canonical.status();
  return KeyOf(*canonical);
}

}  // namespace

std::string DismissalSubject(std::string_view posting_key,
                             const v1::Posting& posting) {
  return PostingKeyOfName(posting.canonical_posting())
      .value_or(std::string(posting_key));
}

absl::StatusOr<std::vector<uint64_t>> DismissedGroups(
    const Store& store, const Snapshot& snapshot,
    std::string_view graduate_key) {
  const auto dismissed = ReadDismissed(store, graduate_key);
  if (!dismissed.ok()) return dismissed.status();
  std::vector<uint64_t> groups;
  for (const DismissedLine& line : *dismissed) {
    if (!line.is_posting()) continue;
    groups.push_back(KeyOf(line.subject));
    const std::string name = PostingNameOfKey(line.dismissal.subject());
    groups.push_back(NameKey(name));
    const std::optional<RowId> row = snapshot.Find(name);
    if (row.has_value()) {
      groups.push_back(snapshot.SetValues(kCanonicalColumn, *row).front());
    }
    const auto same = GroupOfFingerprint(store, line.dismissal.fingerprint());
    if (!same.ok()) return same.status();
    if (*same != 0) groups.push_back(*same);
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

std::vector<LedgerLine> AsLedger(std::span<const DismissedLine> dismissed) {
  std::vector<LedgerLine> lines;
  for (const DismissedLine& line : dismissed) {
    if (!line.is_posting()) continue;
    LedgerLine& out = lines.emplace_back();
    out.canonical_key = line.subject;
    out.entry.set_posting(line.dismissal.subject());
    out.entry.set_fingerprint(line.dismissal.fingerprint());
  }
  return lines;
}

}  // namespace gradmatch
