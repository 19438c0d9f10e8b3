#include "matcher/push/floors.h"

#include <algorithm>

namespace gradmatch {
namespace {

// Also the number of audit entries that share one synced write.
constexpr size_t kGraduatesPerRead = 512;

void WipeMarks(std::vector<uint8_t>& marks) {
  // Volatile, or the compiler would leave out what nobody reads.
  volatile uint8_t* bytes = marks.data();
  for (size_t i = 0; i < marks.size(); ++i) bytes[i] = 0;
}

}  // namespace

PriorityMarks::~PriorityMarks() { WipeMarks(marks_); }

absl::StatusOr<PriorityMarks> ReadPriorityMarks(
    PriorityReader& reader, std::string_view run_id, const Roster& roster,
    const EdgeList& edges, const std::function<bool()>& go_on) {
  std::vector<size_t> asked;  // places among the selected
  for (size_t i = 0; i < roster.selected.size(); ++i) {
    if (!edges.Of(i).empty()) asked.push_back(i);
  }
  std::vector<uint8_t> marks(roster.selected.size(), 0);
  for (size_t begin = 0; begin < asked.size(); begin += kGraduatesPerRead) {
    if (!go_on()) {
      WipeMarks(marks);
      return absl::CancelledError("reading of priorities was stopped");
    }
    const size_t end = std::min(begin + kGraduatesPerRead, asked.size());
    std::vector<std::string> keys;
    for (size_t i = begin; i < end; ++i) {
      keys.push_back(ToString(roster.keys[roster.selected[asked[i]]]));
    }
    auto read = reader.ArePriority(run_id, keys);
    if (!read.ok()) {
      WipeMarks(marks);
      return read.status();
    }
    for (size_t i = begin; i < end; ++i) marks[asked[i]] = (*read)[i - begin];
    WipeMarks(*read);
  }
  return PriorityMarks(std::move(marks));
}

}  // namespace gradmatch
