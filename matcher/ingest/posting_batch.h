#ifndef GRADMATCH_MATCHER_INGEST_POSTING_BATCH_H_
#define GRADMATCH_MATCHER_INGEST_POSTING_BATCH_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "matcher/ingest/posting_ingester.h"

namespace gradmatch {

// One wave of operations, each on another posting, on its way through the
// steps of PostingIngester. Used by one thread, once; `parallel` gives the pure
// steps to others.
class PostingIngester::Batch {
 public:
  struct Call {
    const PostingSource& source;
    const PostingIngestOptions& options;
    const ParallelFor& parallel;
    absl::Time now;
  };

  Batch(PostingIngester& ingester, const Call& call)
      : ingester_(ingester), call_(call) {}

  // `indexes`: which of `ops` belong to this wave. Fills rows[i] for each of
  // them. `last`: calls options.also with all of `rows`.
  absl::Status Run(std::span<const PostingOp> ops,
                   std::span<const size_t> indexes, bool last,
                   std::vector<PostingRow>& rows);

  // The last part of the operation's name, and why it has none.
  static std::string IdOf(const PostingOp& op);

 private:
  struct Item {
    const PostingOp* op = nullptr;
    PostingRow* row = nullptr;
    std::string key;
    v1::Posting posting;  // as it will be stored
    uint64_t hash = 0;
    StoredHead head;
    Outcome outcome = Outcome::kUnchanged;
    bool settled = false;     // the row is final and nothing is written
    bool raise_only = false;  // same content, a higher revision
    std::optional<v1::Posting> stored;
    std::vector<v1::RuleVerdict> verdicts;
    bool held = false;
    uint64_t fingerprint = 0;
    Embedding embedding;
  };

  int64_t LifePeriod(const Item& item) const;
  void Identify(Item& item) const;
  absl::Status ReadStored(bool all);
  void DecideItem(Item& item) const;
  void PrepareUpsert(Item& item) const;
  void PrepareClose(Item& item) const;
  absl::Status Encode();
  absl::StatusOr<KeyLocks::Held> Group(WriteBatch& groups);
  absl::Status GroupItem(Item& item, DuplicateGroups::Edit& edit) const;
  Change MakeChange(Item& item) const;
  absl::Status Commit(bool last, std::vector<PostingRow>& rows);
  void Finish(Item& item, const ChangeResult& result) const;
  absl::Status FillUnchangedRecords();

  void Refuse(Item& item, Outcome outcome) const;
  v1::SyncRowResult::Status StatusOf(const Item& item) const;
  bool Grouped(const v1::Posting& posting) const;

  PostingIngester& ingester_;
  const Call& call_;
  std::vector<Item> items_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_INGEST_POSTING_BATCH_H_
