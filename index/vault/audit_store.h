#ifndef GRADMATCH_INDEX_VAULT_AUDIT_STORE_H_
#define GRADMATCH_INDEX_VAULT_AUDIT_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gradmatch/v1/admin_service.pb.h"
#include "index/store.h"
#include "index/vault/audit_chain.h"

namespace gradmatch {

// The audit as it lies in the store, for reading. Written by AuditLog alone.

std::string AuditKeyOf(const v1::AuditEntry& entry);
std::string AuditHeadKey();  // in kMeta

// The copy of the newest entry that is kept apart; where that is missing, the
// last entry; an empty entry (sequence 0) for an audit without any. DataLoss
// when it does not parse.
absl::StatusOr<v1::AuditEntry> ReadAuditHead(const Store& store);

struct AuditQuery {
  std::string method;    // empty: any
  std::string resource;  // empty: any
  std::string before;    // next_before of the page before; empty: the newest
  size_t limit = 50;
  // The page ends after so many entries, also when few of them fit.
  size_t most_looked_at = 100'000;
  // Asked now and then; an error ends the search with it.
  std::function<absl::Status()> stop = [] { return absl::OkStatus(); };
};
struct AuditPage {
  std::vector<v1::AuditEntry> entries;  // newest first
  std::string next_before;              // empty at the end
};
// DataLoss when an entry does not parse, or when the newest entries are missing
// that the head tells of (asked on the first page).
absl::StatusOr<AuditPage> ListAudit(const Store& store,
                                    const AuditQuery& query);

struct AuditReport {
  AuditBreak broken = AuditBreak::kNone;
  int64_t break_sequence = 0;  // 0: not broken
  int64_t entries = 0;         // good ones, up to the break
  AuditAnchor head;            // the last good one
};
// What the first entry builds on, where older ones were cut off: told by an
// entry of the chain (kAuditCutMethod). Nullopt when the first entry is number
// 1, or when no entry tells of the cut.
absl::StatusOr<std::optional<AuditAnchor>> ReadAuditCut(const Store& store);

// Walks the whole chain, from a cut on if there was one, and reports its first
// break: an entry that was altered, taken out, put elsewhere or cut off.
// `anchor`, when given, must be in it; a chain that was written anew as a whole
// is seen by that alone. May run while entries are added.
absl::StatusOr<AuditReport> VerifyAudit(
    const Store& store, const std::optional<AuditAnchor>& anchor = {});

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_AUDIT_STORE_H_
