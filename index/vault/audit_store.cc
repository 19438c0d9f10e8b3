#include "index/vault/audit_store.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

bool Parse(std::string_view bytes, v1::AuditEntry& entry) {
  return entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

// The entry fits the key it stands under, so that it cannot be put elsewhere.
bool ParseAt(const Cursor& cursor, v1::AuditEntry& entry) {
  return Parse(cursor.value(), entry) && AuditKeyOf(entry) == cursor.key();
}

bool Fits(const AuditQuery& query, const v1::AuditEntry& entry) {
  return (query.method.empty() || query.method == entry.method()) &&
         (query.resource.empty() || query.resource == entry.resource());
}

absl::Status TailMissing(int64_t sequence) {
  return absl::DataLossError(
      absl::StrCat("audit entries up to number ", sequence,
                   " are missing; compare with a backup"));
}

AuditReport ReportOf(const AuditChecker& checker) {
  return {.broken = checker.broken(),
          .break_sequence = checker.break_sequence(),
          .entries = checker.entries(),
          .head = checker.head()};
}

}  // namespace

std::string AuditKeyOf(const v1::AuditEntry& entry) {
  return AuditKey(MicrosOf(entry), static_cast<uint64_t>(entry.sequence()));
}

std::string AuditHeadKey() { return MetaKey("audit_head"); }

absl::StatusOr<v1::AuditEntry> ReadAuditHead(const Store& store) {
  v1::AuditEntry head;
  const auto bytes = store.Get(Family::kMeta, AuditHeadKey());
  if (!bytes.ok() && !absl::IsNotFound(bytes.status())) return bytes.status();
  if (bytes.ok()) {
    if (Parse(*bytes, head)) return head;
    return absl::DataLossError("the head of the audit does not parse");
  }
  const std::unique_ptr<Cursor> last = store.ScanBack(Family::kAudit, {});
  if (!last->Valid()) {
    if (!last->status().ok()) return last->status();
    return head;
  }
  if (Parse(last->value(), head)) return head;
  return absl::DataLossError("the last entry of the audit does not parse");
}

absl::StatusOr<AuditPage> ListAudit(const Store& store,
                                    const AuditQuery& query) {
  const auto head = ReadAuditHead(store);
  if (!head.ok()) return head.status();
  KeyRange range;
  range.end = query.before;
  const std::unique_ptr<Cursor> cursor = store.ScanBack(Family::kAudit, range);
  AuditPage page;
  std::string last_key;
  int64_t newest = 0;
  for (size_t seen = 0; cursor->Valid(); cursor->Next(), ++seen) {
    if (page.entries.size() == query.limit || seen == query.most_looked_at) {
      page.next_before = last_key;
      break;
    }
    if (seen % 256 == 255) {
      absl::Status go_on = query.stop();
      if (!go_on.ok()) return go_on;
    }
    v1::AuditEntry entry;
    if (!ParseAt(*cursor, entry)) {
      return absl::DataLossError(
          "an audit entry is damaged; `gradmatch audit verify` tells which");
    }
    if (seen == 0) newest = entry.sequence();
    last_key = std::string(cursor->key());
    if (Fits(query, entry)) page.entries.push_back(std::move(entry));
  }
  if (!cursor->status().ok()) return cursor->status();
  if (query.before.empty() && newest < head->sequence()) {
    return TailMissing(head->sequence());
  }
  return page;
}

absl::StatusOr<std::optional<AuditAnchor>> ReadAuditCut(const Store& store) {
  std::optional<AuditAnchor> cut;
  int64_t first = 0;
  const std::unique_ptr<Cursor> cursor = store.Scan(Family::kAudit, {});
  for (; cursor->Valid() && !cut.has_value(); cursor->Next()) {
    v1::AuditEntry entry;
    if (!Parse(cursor->value(), entry)) continue;  // found by the walk
    if (first == 0) first = entry.sequence();
    if (first == 1) return std::nullopt;
    const auto anchor = CutOf(entry);
    if (anchor.has_value() && anchor->sequence == first - 1) cut = anchor;
  }
  if (!cursor->status().ok()) return cursor->status();
  return cut;
}

absl::StatusOr<AuditReport> VerifyAudit(
    const Store& store, const std::optional<AuditAnchor>& anchor) {
  const auto head = ReadAuditHead(store);
  if (!head.ok()) return head.status();
  const auto cut = ReadAuditCut(store);
  if (!cut.ok()) return cut.status();
  AuditChecker checker =
      cut->has_value() ? AuditChecker(**cut) : AuditChecker();
  checker.Expect({head->sequence(), head->chain_hash()});
  if (anchor) checker.Expect(*anchor);
  const std::unique_ptr<Cursor> cursor = store.Scan(Family::kAudit, {});
  for (; cursor->Valid(); cursor->Next()) {
    v1::AuditEntry entry;
    if (!Parse(cursor->value(), entry)) {
      checker.AddUnreadable();
    } else if (AuditKeyOf(entry) != cursor->key()) {
      checker.AddMisplaced(entry);
    } else {
      checker.Add(entry);
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  checker.Finish();
  return ReportOf(checker);
}

}  // namespace gradmatch
