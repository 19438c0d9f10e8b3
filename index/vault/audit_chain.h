#ifndef GRADMATCH_INDEX_VAULT_AUDIT_CHAIN_H_
#define GRADMATCH_INDEX_VAULT_AUDIT_CHAIN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gradmatch/v1/admin_service.pb.h"

namespace gradmatch {

// How the entries of the audit hold each other. Pure functions, for the server
// and for whoever checks what the server lists. DO NOT change the bytes: hashes
// outlive binaries (pinned by tests/index/vault/audit_chain_test.cc).
//
//   hash(0) = 32 zero bytes
//   hash(n) = SHA-256(hash(n - 1) ‖ "gradmatch-audit-1" ‖ u64(sequence) ‖
//             u64(time.seconds) ‖ u64(time.nanos) ‖ text(principal) ‖
//             text(role) ‖ text(method) ‖ text(resource) ‖ text(purpose) ‖
//             text(result))
//   text(s) = u64(bytes) ‖ s;  u64: big endian

// What the hash of the first entry builds on.
std::string FirstChainHash();

// The hash of `entry`, whose own chain_hash is not looked at.
std::string ChainHash(std::string_view previous, const v1::AuditEntry& entry);

// Microseconds since 1970 of an entry.
int64_t MicrosOf(const v1::AuditEntry& entry);

// A place in the chain that was noted down apart from it: "sequence:hash" with
// the hash in hex. A chain that does not hold it was cut or made anew.
struct AuditAnchor {
  int64_t sequence = 0;
  std::string hash;
};
std::string FormatAnchor(const AuditAnchor& anchor);
// Nullopt for what FormatAnchor did not write.
std::optional<AuditAnchor> ParseAnchor(std::string_view text);

// Entries whose time is over are cut off at the front. The cut is an entry of
// the chain itself, which says where the rest begins; so whoever takes entries
// off in another way is found out.
inline constexpr std::string_view kAuditCutMethod = "Retention.CutAudit";
// The entry that the rest builds on, of an entry about a cut; nullopt else.
std::optional<AuditAnchor> CutOf(const v1::AuditEntry& entry);

// Where a chain breaks first.
enum class AuditBreak {
  kNone,
  kUnreadable,  // an entry does not parse
  kAltered,     // an entry does not fit its hash, or its key
  kMissing,     // entries are missing before `sequence`
  kReordered,   // an entry stands behind a later one
  kTailCut,     // entries up to the head or anchor `sequence` are missing
  kOtherChain,  // the entry at the head or anchor is another one
};
// As an operator reads it, in Chinese.
std::string_view AuditBreakText(AuditBreak what);

// Walks a chain entry by entry, oldest first.
class AuditChecker {
 public:
  // From an empty chain; or from behind an anchor that was found good before.
  AuditChecker() : hash_(FirstChainHash()) {}
  explicit AuditChecker(AuditAnchor behind)
      : sequence_(behind.sequence), hash_(std::move(behind.hash)) {}

  // The next entry. After the first break nothing changes any more.
  void Add(const v1::AuditEntry& entry);
  // An entry that cannot be read stands behind the last one.
  void AddUnreadable() { Break(AuditBreak::kUnreadable, sequence_ + 1); }
  // The entry stands under a key that is not its own.
  void AddMisplaced(const v1::AuditEntry& entry) {
    Break(AuditBreak::kAltered, entry.sequence());
  }
  // Before the walk: `anchor` must be in the chain. Sequence 0 expects nothing.
  void Expect(const AuditAnchor& anchor) {
    if (anchor.sequence > 0) expected_.push_back(anchor);
  }
  // After the last entry.
  void Finish();
  // What the caller found by itself. The first break stays.
  void Break(AuditBreak what, int64_t sequence);

  AuditBreak broken() const { return broken_; }
  // Where it breaks; 0 when it does not.
  int64_t break_sequence() const { return break_sequence_; }
  // Entries that were good.
  int64_t entries() const { return entries_; }
  // The last good entry.
  AuditAnchor head() const { return {sequence_, hash_}; }

 private:
  int64_t sequence_ = 0;
  std::string hash_;
  int64_t entries_ = 0;
  std::vector<AuditAnchor> expected_;
  AuditBreak broken_ = AuditBreak::kNone;
  int64_t break_sequence_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_VAULT_AUDIT_CHAIN_H_
