#ifndef GRADMATCH_MATCHER_PUSH_FLOORS_H_
#define GRADMATCH_MATCHER_PUSH_FLOORS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "matcher/push/edge_list.h"
#include "matcher/push/graduate_reader.h"

namespace gradmatch {

// The only way to the sealed flags: whether a graduate is a priority one, said
// to the floor decision of a push run. Every person that is read is audited
// before. Implemented by the server; one thread.
class PriorityReader {
 public:
  virtual ~PriorityReader() = default;
  // One a key, in order; 1 for a priority graduate, else 0.
  virtual absl::StatusOr<std::vector<uint8_t>> ArePriority(
      std::string_view run_id, std::span<const std::string> graduate_keys) = 0;
};

// Priority graduates of a run, by place among the selected ones. Wiped when it
// goes; never written, logged or put into an item.
class PriorityMarks {
 public:
  PriorityMarks() = default;
  explicit PriorityMarks(std::vector<uint8_t> marks)
      : marks_(std::move(marks)) {}
  PriorityMarks(PriorityMarks&&) = default;
  PriorityMarks& operator=(PriorityMarks&&) = default;
  ~PriorityMarks();

  std::span<const uint8_t> marks() const { return marks_; }
  bool Has(size_t selected) const {
    return selected < marks_.size() && marks_[selected] != 0;
  }

 private:
  std::vector<uint8_t> marks_;
};

// Asks about those of the selected graduates that have an edge: for the others
// a floor changes nothing, and who need not be read is not. `go_on` is asked
// now and then; false ends it with CANCELLED.
absl::StatusOr<PriorityMarks> ReadPriorityMarks(
    PriorityReader& reader, std::string_view run_id, const Roster& roster,
    const EdgeList& edges, const std::function<bool()>& go_on);

// A count as it may be shown: cut to tens, so that nobody is counted out of it.
constexpr int64_t CutToTens(int64_t count) { return count - count % 10; }

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_PUSH_FLOORS_H_
