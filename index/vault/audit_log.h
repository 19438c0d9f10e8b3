#ifndef GRADMATCH_INDEX_VAULT_AUDIT_LOG_H_
#define GRADMATCH_INDEX_VAULT_AUDIT_LOG_H_

#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gradmatch/v1/admin_service.pb.h"
#include "index/base/clock.h"
#include "index/base/group_commit.h"
#include "index/base/mutex.h"
#include "index/store.h"
#include "index/vault/audit_chain.h"

namespace gradmatch {

// One thing that somebody did, or is about to do, as the audit keeps it. Never
// a value: no flag, no profile, no note.
struct AuditEvent {
  std::string principal;
  std::string role;
  std::string method;    // StaffService.GetStaffDigest
  std::string resource;  // a resource name; people as PersonInAudit
  std::string purpose;   // as stated; may be empty
  std::string result;    // ALLOWED before it is done; else how it ended
};

// How the audit names a person: pseudonyms/ and 32 hex digits of a hash of the
// store's pseudonym. Nobody without the secret of the data folder can tell who
// it is, and the pseudonym itself is not in it: an erased one is in no file.
std::string PersonInAudit(std::string_view pseudonym);

// The audit: who did what, for good. Entries are only ever added, each with the
// hash of the one before (audit_chain.h), in Family::kAudit; a copy of the
// newest is kept apart under MetaKey("audit_head"), in the same batch, so that
// a cut tail is noticed.
//
// All methods may run concurrently; calls that wait for each other share one
// synced write.
class AuditLog {
 public:
  // Both are borrowed and outlive this. DataLoss when the newest entry does not
  // parse.
  static absl::StatusOr<std::unique_ptr<AuditLog>> Open(Store& store,
                                                        const Clock& clock);

  // On stable storage when this returns OK: call it before what it tells of is
  // done or answered, and do or answer nothing when it fails. UNAVAILABLE,
  // AUDIT_UNAVAILABLE, when it cannot be written.
  absl::Status Append(const AuditEvent& event);
  // Several, in order, all or none.
  absl::Status Append(std::span<const AuditEvent> events);

  // The newest entry; sequence 0 when there is none.
  AuditAnchor head() const;

  // Takes off at most `most` of the oldest entries, those from before `before`,
  // and says so in an entry of its own first (kAuditCutMethod); the newest is
  // never among them. Returns how many went; 0 when there is nothing left to
  // do. One call at a time. DATA_LOSS when an entry does not parse.
  absl::StatusOr<int64_t> Cut(absl::Time before, size_t most,
                              std::string_view principal, std::string_view role,
                              std::string_view purpose);

  // Entries that could not be written.
  int64_t failures() const { return failures_; }

 private:
  using Events = std::span<const AuditEvent>;

  AuditLog(Store& store, const Clock& clock) : store_(store), clock_(clock) {}

  absl::Status WriteGroup(std::span<const Events* const> group);

  Store& store_;
  const Clock& clock_;

  std::atomic<int64_t> failures_{0};

  GroupCommit<Events> writes_;
  mutable Mutex mu_;
  // The newest entry on disk. Set by the one that writes.
  v1::AuditEntry head_ ABSL_GUARDED_BY(mu_);
  // False after a failed write: it may have reached the disk all the same.
  bool head_known_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_AUDIT_LOG_H_
