#ifndef GRADMATCH_INDEX_STORE_H_
#define GRADMATCH_INDEX_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

class ByteSearch;

// The record families of the store. Each is a column family on disk, named in
// keys.cc; the numbers are not stored.
enum class Family {
  kMeta,            // format facts, counters
  kPosting,         // StoredRecord of a posting
  kRawRow,          // what the source sent, verbatim, with its receipt time
  kGraduate,        // StoredRecord of a graduate, key is a pseudonym
  kSealed,          // hardship and disability, sealed; nothing else reads it
  kContent,         // policies, news, events, courses
  kEmbedding,       // StoredEmbedding of a posting or graduate
  kSource,          // sources
  kDuplicateGroup,  // fingerprint -> canonical posting; canonical -> members
  kQuarantine,      // quarantine entries
  kRequest,         // answers to request_ids, kept 7 days
  kPushPlan,
  kPushRun,
  kPushItem,
  kLedger,  // who was told about what, for good
  kOperation,
  kFeedback,
  kAudit,
  kCodeTable,           // imported code tables, by system and version
  kStaff,               // counsellors and employment offices
  kErasure,             // what stays of erased graduates
  kHandRecommendation,  // postings recommended by staff
  kSyncFigures,         // what became of syncs, by source
  kToken,               // bearer tokens, their secrets as hashes
};
inline constexpr int kFamilyCount = static_cast<int>(Family::kToken) + 1;

// Writes that become visible and durable together, applied in order.
class WriteBatch {
 public:
  struct Op {
    Family family;
    std::string key;
    std::optional<std::string> value;  // nullopt deletes
  };

  void Put(Family family, std::string key, std::string value) {
    ops_.push_back({family, std::move(key), std::move(value)});
  }
  // Deleting a missing key is not an error.
  void Delete(Family family, std::string key) {
    ops_.push_back({family, std::move(key), std::nullopt});
  }
  void Append(const WriteBatch& other) {
    ops_.insert(ops_.end(), other.ops_.begin(), other.ops_.end());
  }
  const std::vector<Op>& ops() const { return ops_; }
  bool empty() const { return ops_.empty(); }

 private:
  std::vector<Op> ops_;
};

// kSynced: on stable storage when Write returns OK; what is acknowledged uses
// it. kBuffered: survives the process, not the machine; for what can be remade.
enum class Durability { kSynced, kBuffered };

// Walks keys in byte order, or against it, over the store as it was when the
// cursor was made.
// Used by one thread. `key` and `value` are valid until Next.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual bool Valid() const = 0;
  virtual void Next() = 0;
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  // Not OK when the walk ended early; look at it after the loop.
  virtual absl::Status status() const = 0;
};

// Keys in [begin, end); an empty end means to the end of the family.
struct KeyRange {
  std::string begin;
  std::string end;
};
// All keys that start with `prefix`.
KeyRange PrefixRange(std::string_view prefix);
// The one key.
KeyRange SingleKey(std::string_view key);

struct FamilyRange {
  Family family;
  KeyRange range;
};

// What came of a search through files.
struct FileSearch {
  int64_t files = 0;
  // Names of files in which something was found, within the data folder, and
  // what: the owner of the needle. Each pair once.
  std::vector<std::pair<std::string, size_t>> found;
};

// The truth: an ordered key-value store with atomic batches. All methods may
// run concurrently; concurrent synced writes share one sync.
class Store {
 public:
  virtual ~Store() = default;

  // NotFound when the key is absent; DataLoss when the value is damaged.
  virtual absl::StatusOr<std::string> Get(Family family,
                                          std::string_view key) const = 0;

  // One entry per key, in order; nullopt where absent.
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> MultiGet(
      Family family, std::span<const std::string> keys) const = 0;

  virtual std::unique_ptr<Cursor> Scan(Family family,
                                       const KeyRange& range) const = 0;
  // The same from the last key to the first.
  virtual std::unique_ptr<Cursor> ScanBack(Family family,
                                           const KeyRange& range) const = 0;

  // All or nothing. After an error nothing of the batch is visible; the store
  // may be read-only from then on (FailedPrecondition).
  virtual absl::Status Write(const WriteBatch& batch,
                             Durability durability) = 0;

  // Rewrites files until nothing that was deleted or overwritten in `ranges`
  // before the call is in any file any more: tables, logs, lists of files,
  // copies made by recovery. Waits for cursors from before that are still at
  // work, at most a minute (DeadlineExceeded). Writers go on meanwhile.
  virtual absl::Status Purge(std::span<const FamilyRange> ranges) = 0;

  // Looks through every file of the store and everything beside it in its
  // folder, as bytes, and through tables entry by entry as well, since their
  // bytes may be compressed. What an entry deletes is seen in bytes only.
  virtual absl::StatusOr<FileSearch> Search(
      const ByteSearch& needles) const = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_STORE_H_
