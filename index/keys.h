#ifndef GRADMATCH_INDEX_KEYS_H_
#define GRADMATCH_INDEX_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "index/store.h"

namespace gradmatch {

// Keys on disk. DO NOT change a field, a width or an order: files outlive
// binaries. tests/golden/keys_test.cc pins the bytes.
//
// clang-format off
//   id         := [A-Za-z0-9._~-]{1,64}   the last part of a resource name
//   pseudonym  := 16 bytes, any           see pseudonym.h; '/' may be in it
//   u64        := 8 bytes, big endian
//   posting    := id(source) "/" id(posting)
//   content    := id(content)
//   record     := "p" posting | "g" pseudonym | "c" content
//
//   meta       := name                                  -> by name
//               | "pushed/" posting(canonical)          -> LedgerCounter
//               | "audit_head"                          -> AuditEntry, newest
//               | "uncovered/" pseudonym                -> id(run) "/" code
//               | "graduates_shown/" date               -> StoredDailyCount
//               | "recall/" id(index)                   -> RecallReport
//               | "recall_run/" id(operation)           -> StoredRecallRun
//               | "snapshot_run/" id(operation)         -> StoredSnapshotRun
//   posting    := posting                               -> StoredRecord
//   raw_row    := posting                               -> StoredRawRow
//   graduate   := pseudonym                             -> StoredRecord
//   sealed     := pseudonym                             -> StoredSealed
//   content    := content                               -> StoredRecord
//   embedding  := record "/" id(encoder)                -> StoredEmbedding
//   source     := id(source)                            -> StoredRecord
//   duplicate  := "f" u64(fingerprint)                  -> posting(canonical)
//               | "m" posting(canonical)                -> StoredDuplicateGroup
//   quarantine := id(source) "/" id(entry)              -> quarantine entry
//   request    := method "/" u64(hash of scope) request -> StoredRequest
//   push_plan  := id(plan)                              -> PushPlan
//   push_run   := id(run)                               -> StoredPushRun
//   push_item  := id(run) "/" 10 decimal digits         -> PushItem
//   ledger     := pseudonym "/" posting(canonical)      -> LedgerEntry
//   operation  := id(operation)                         -> StoredOperation
//   feedback   := pseudonym "/" id(event)               -> StoredFeedback
//               | pseudonym "/!" subject                -> StoredDismissal
//   subject    := posting(canonical) | content
//   date       := YYYY-MM-DD, in China
//   audit      := u64(microseconds) u64(number)         -> AuditEntry
//   code_table := id(system) "/" id(version)            -> code table
//   staff      := id(staff)                             -> StoredRecord
//   erasure    := id(erasure)                           -> StoredErasure
//               | "h-" 32 hex digits                    -> empty: erased, by a
//                 keyed hash that is not the pseudonym; no erasure's id begins
//                 so
//   hand_recommendation := pseudonym "/" u64(~microseconds) id
//                                                       -> HandRecommendation
//   sync_figures := id(source) "/" u64(~microseconds)   -> SyncFigures
//   token      := id(token)                             -> StoredToken
// clang-format on
//
// Nothing that identifies a person enters a key: people are pseudonyms.
//
// The builders do not look at the ids: whoever reads an id from outside checks
// it with IsValidId and rejects others, or two records could share a key. The
// parsers return nullopt for bytes no builder makes; views point into the key.

inline constexpr int kMaxIdLength = 64;
inline constexpr int kPseudonymBytes = 16;

// Whether `id` matches [A-Za-z0-9._~-]{1,64}.
bool IsValidId(std::string_view id);

// The name of the family's column family on disk.
std::string_view FamilyName(Family family);

// --- Records ---
std::string PostingKey(std::string_view source_id, std::string_view posting_id);
std::string GraduateKey(std::string_view pseudonym);  // also of kSealed
std::string ContentKey(std::string_view content_id);
std::string SourceKey(std::string_view source_id);
std::string QuarantineKey(std::string_view source_id,
                          std::string_view entry_id);
std::string MetaKey(std::string_view name);

struct PostingKeyParts {
  std::string_view source_id;
  std::string_view posting_id;
};
// Reads keys of kPosting, kRawRow and kQuarantine.
std::optional<PostingKeyParts> ParsePostingKey(std::string_view key);

// All postings (raw rows, quarantine entries) of one source.
std::string SourcePrefix(std::string_view source_id);

// --- Embeddings ---
enum class RecordKind : char {
  kPosting = 'p',
  kGraduate = 'g',
  kContent = 'c'
};

// `record_key` is a PostingKey, GraduateKey or ContentKey.
std::string EmbeddingKey(RecordKind kind, std::string_view record_key,
                         std::string_view encoder_id);

struct EmbeddingKeyParts {
  RecordKind kind;
  std::string_view record_key;
  std::string_view encoder_id;
};
std::optional<EmbeddingKeyParts> ParseEmbeddingKey(std::string_view key);

// --- Duplicate groups ---
std::string FingerprintKey(uint64_t fingerprint);
std::string GroupKey(std::string_view canonical_posting_key);

// --- Requests ---
// `method` holds no '/'; `scope` is the caller, any bytes.
std::string RequestKey(std::string_view method, std::string_view scope,
                       std::string_view request_id);

// --- Push ---
std::string PushPlanKey(std::string_view plan_id);
std::string PushRunKey(std::string_view run_id);
// `number` counts a run's items from 0, in [0, 9'999'999'999].
std::string PushItemKey(std::string_view run_id, int64_t number);
std::string PushItemPrefix(std::string_view run_id);

struct PushItemKeyParts {
  std::string_view run_id;
  int64_t number;
};
std::optional<PushItemKeyParts> ParsePushItemKey(std::string_view key);

std::string LedgerKey(std::string_view pseudonym,
                      std::string_view canonical_posting_key);
// All that one graduate was told.
std::string LedgerPrefix(std::string_view pseudonym);

struct LedgerKeyParts {
  std::string_view pseudonym;
  std::string_view canonical_posting_key;
};
std::optional<LedgerKeyParts> ParseLedgerKey(std::string_view key);

// In kMeta: how many were told about one posting.
std::string LedgerCounterKey(std::string_view canonical_posting_key);
// In kMeta: why the last run that had nothing for a graduate had nothing.
std::string UncoveredKey(std::string_view pseudonym);

// In kMeta: how many graduates were shown to readers on one day.
std::string GraduatesShownKey(std::string_view date);
// In kMeta: the last measurement of an index, and, followed by the operation's
// id, one that runs or ran.
std::string RecallKey(std::string_view index_id);
inline constexpr std::string_view kRecallRunPrefix = "recall_run/";
// In kMeta, followed by the operation's id: the making or checking of a data
// snapshot.
inline constexpr std::string_view kSnapshotRunPrefix = "snapshot_run/";

// --- Operations, feedback, audit ---
std::string OperationKey(std::string_view operation_id);
// All of one graduate's feedback has the prefix LedgerPrefix(pseudonym).
std::string FeedbackKey(std::string_view pseudonym, std::string_view event_id);
// What the graduate does not want to see again: a canonical posting's key, or a
// content's, which has no '/'. '!' is in no id, so no event has such a key.
std::string DismissalKey(std::string_view pseudonym, std::string_view subject);
std::string DismissalPrefix(std::string_view pseudonym);
std::string AuditKey(int64_t micros, uint64_t number);

// --- Code tables, staff, erasures, hand recommendations, sync figures, tokens
std::string CodeTableKey(std::string_view system, std::string_view version);
std::string StaffKey(std::string_view staff_id);
std::string ErasureKey(std::string_view erasure_id);
// `mark` is Pseudonymizer::ErasedMark.
std::string ErasedKey(std::string_view mark);
// The newest first; all of one graduate's have the prefix
// LedgerPrefix(pseudonym).
std::string HandRecommendationKey(std::string_view pseudonym, int64_t micros,
                                  std::string_view recommendation_id);
// The newest first, behind SourcePrefix(source_id).
std::string SyncFiguresKey(std::string_view source_id, int64_t micros);
std::string TokenKey(std::string_view token_id);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_KEYS_H_
