#include "index/byte_search.h"

#include <algorithm>
#include <utility>

namespace gradmatch {

void ByteSearch::Add(std::string needle, size_t owner) {
  if (needle.size() < kLeastNeedle) return;
  const uint64_t head = Head(needle.data());
  const size_t place = Place(head);
  maybe_[place >> 6] |= uint64_t{1} << (place & 63);
  longest_ = std::max(longest_, needle.size());
  needles_[head].push_back({std::move(needle), owner});
}

}  // namespace gradmatch
