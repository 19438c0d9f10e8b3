#ifndef GRADMATCH_INDEX_CHANGE_H_
#define GRADMATCH_INDEX_CHANGE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/collection.h"
#include "index/store.h"

namespace gradmatch {

enum class CollectionId { kPostings, kGraduates, kContents };
inline constexpr int kCollectionCount = 3;
inline constexpr CollectionId kCollections[kCollectionCount] = {
    CollectionId::kPostings, CollectionId::kGraduates, CollectionId::kContents};
// The store's family of the collection's records.
Family RecordFamily(CollectionId collection);
// "postings", "graduates", "contents": for messages.
std::string_view CollectionName(CollectionId collection);

// What must hold for a change to be made. An etag implies must_exist.
struct Precondition {
  bool must_exist = false;
  bool must_not_exist = false;
  std::optional<std::string> etag;
};

// The highest revision a caller may name; leaves room to count on from it.
inline constexpr int64_t kMaxRevision = int64_t{1} << 62;

// A record as it shall be. All of it is decided by the caller; the catalog
// only compares revisions, hashes and etags.
struct Change {
  CollectionId collection = CollectionId::kPostings;
  std::string key;  // in the store, made by keys.h
  std::string id;   // what Snapshot::Id returns for its row
  // Orders the writes of a record, whoever sends them: a lower one never wins.
  // 0: the next after the stored one.
  int64_t revision = 0;
  // A decision about a record that its source knows nothing of: the stored
  // revision stays, so that the source's next one is newer still.
  bool same_revision = false;
  // Of everything that counts as a change, state included: a change with the
  // stored hash is not written again. See VersionedHash.
  uint64_t content_hash = 0;
  std::string payload;     // serialised, opaque to the catalog
  bool tombstone = false;  // delete; the tombstone keeps its revision
  bool erase = false;      // delete without a tombstone, whatever is stored
  // Forget a tombstone of at least this age, counted from its deletion;
  // whatever else is stored is left alone. No other field but the key is looked
  // at.
  std::optional<absl::Time> forget_before;
  // Writes `also` and leaves the record as it is; for what lies beside a record
  // and changes with it. The precondition says which state of it was looked at.
  bool also_only = false;
  std::optional<IndexedRow> row;  // nullopt: stored but not searchable
  Precondition precondition;
  WriteBatch also;  // written in the same batch, only if this change is applied
};

enum class Outcome {
  // Applied.
  kCreated,
  kUpdated,
  kDeleted,
  // Nothing to do.
  kUnchanged,  // same content; a higher revision is remembered
  kStale,      // the stored revision is not lower
  // Refused: the precondition does not hold.
  kNotFound,  // also: deleting, without a revision, what is not there
  kAlreadyExists,
  kEtagMismatch,
};
bool IsApplied(Outcome outcome);
bool IsRefused(Outcome outcome);
std::string_view OutcomeName(Outcome outcome);

struct ChangeResult {
  Outcome outcome = Outcome::kUnchanged;
  // Of the record after the change, or as it stands when nothing was applied;
  // empty and 0 when there is no record.
  std::string etag;
  // The record's last change. Every snapshot of at least this generation shows
  // it.
  uint64_t generation = 0;
  int64_t revision = 0;
  absl::Time create_time;
  absl::Time update_time;  // of the record's last change
};

// What is known of a stored record without its payload. A tombstone exists but
// is no record: exists is false for it, tombstone true, revision kept.
struct StoredHead {
  bool exists = false;
  bool tombstone = false;
  int64_t revision = 0;
  uint64_t content_hash = 0;
  uint64_t generation = 0;
  std::string etag;  // empty unless exists
  absl::Time create_time;
  absl::Time update_time;  // of the last change that was applied
};

// A stored record. A tombstone has an empty payload.
struct Record {
  StoredHead head;
  std::string payload;
};

// Reads a value of RecordFamily, for those who Scan the store themselves.
// DataLoss when it does not parse.
absl::StatusOr<Record> ParseRecord(std::string_view value);
std::string SerializeRecord(const Record& record);

// The etag of a record whose last change has this generation.
std::string EtagOf(uint64_t generation);

// The content hash of what `version` of the caller's own code makes of content
// with this hash: 16 bits of the version, 48 of the content. A record that
// another version makes anew, of the same content, is a change even at the
// stored revision: its source cannot know that it is to send a higher one.
uint64_t VersionedHash(uint64_t content, uint64_t version);

// The rules of revisions, as a pure function.
struct Decision {
  Outcome outcome = Outcome::kUnchanged;
  int64_t revision = 0;         // the stored revision afterwards
  bool write_revision = false;  // unchanged, but the stored revision rises
};
Decision Decide(const StoredHead& stored, const Change& change);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CHANGE_H_
