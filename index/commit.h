#ifndef GRADMATCH_INDEX_COMMIT_H_
#define GRADMATCH_INDEX_COMMIT_H_

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "index/change.h"
#include "index/collection.h"
#include "index/store.h"

namespace gradmatch {

// Where the catalog keeps its last generation in kMeta, as decimal digits.
std::string GenerationKey();

// One call of Catalog::Apply, on its way through a commit.
struct ApplyCall {
  std::vector<Change> changes;
  bool atomic = false;
  WriteBatch also;
  std::function<WriteBatch(std::span<const ChangeResult>)> also_of_results;

  absl::Status status;
  std::vector<ChangeResult> results;
};

// Gathers calls into one batch: decides each change against what is stored and
// against the changes before it. Touches neither store nor index after Read;
// used by one thread, once.
class Commit {
 public:
  using Collections = std::array<std::unique_ptr<Collection>, kCollectionCount>;

  // `generation` is the last one in use; changes take those after it.
  Commit(uint64_t generation, absl::Time now, const Collections& collections)
      : generation_(generation), now_(now), collections_(collections) {}

  // Reads what is stored of the records of `calls`, one MultiGet a collection.
  absl::Status Read(const Store& store, std::span<ApplyCall* const> calls);

  // Decides `call` and sets its results, or its status: then, and when it is
  // atomic and refused, it leaves no trace.
  void Add(ApplyCall& call);

  uint64_t generation() const { return generation_; }
  // Empty when nothing has to be written.
  WriteBatch& batch() { return batch_; }

  // What the searchable rows and the counts become.
  struct Effect {
    bool touched = false;
    std::vector<RowChange> rows;
    int64_t records = 0;
    int64_t tombstones = 0;
  };
  Effect TakeEffect(CollectionId collection);

 private:
  struct Slot {
    Record record;
    bool damaged = false;
  };
  using Slots = absl::flat_hash_map<std::string, Slot>;
  struct Step {
    Decision decision;
    Record after;
  };

  bool IsDamaged(const ApplyCall& call) const;
  std::vector<Step> DecideAll(const ApplyCall& call);
  Step DecideOne(const Change& change, const Record& before);
  ChangeResult ResultOf(const Step& step) const;
  void Write(Change& change, Step step);
  void WriteRow(Change& change);
  bool IsSearchable(const Change& change) const;
  Slot& SlotOf(const Change& change);

  uint64_t generation_;
  const absl::Time now_;
  const Collections& collections_;
  WriteBatch batch_;
  std::array<Slots, kCollectionCount> slots_;
  std::array<Effect, kCollectionCount> effects_;
  // Last row change of an id within this commit.
  std::array<absl::flat_hash_map<std::string, size_t>, kCollectionCount>
      row_of_id_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_COMMIT_H_
