#ifndef GRADMATCH_INDEX_BYTE_SEARCH_H_
#define GRADMATCH_INDEX_BYTE_SEARCH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace gradmatch {

// Looks for many byte strings at once, each of at least kLeastNeedle bytes, in
// one pass whatever their number. Immutable once filled: Find may run
// concurrently.
class ByteSearch {
 public:
  static constexpr size_t kLeastNeedle = 8;

  // `owner` says what the needle belongs to; it comes back from Find. A needle
  // that is too short would be found everywhere and is left out.
  void Add(std::string needle, size_t owner);
  bool empty() const { return needles_.empty(); }

  // Calls `found(owner)` for every place where a needle begins in `bytes`.
  template <typename Found>
  void Find(std::string_view bytes, Found found) const;
  bool FoundIn(std::string_view bytes) const {
    bool any = false;
    Find(bytes, [&](size_t) { any = true; });
    return any;
  }
  // The length of the longest needle: what two stretches of one text must share
  // so that none is missed between them.
  size_t longest() const { return longest_; }

 private:
  struct Needle {
    std::string bytes;
    size_t owner;
  };
  static uint64_t Head(const char* bytes) {
    uint64_t head;
    std::memcpy(&head, bytes, sizeof head);
    return head;
  }
  static size_t Place(uint64_t head) {
    return (head * 0x9E3779B97F4A7C15u) >> 48;
  }

  // By their first 8 bytes; a bit for each in `maybe_` says "no" to nearly all
  // other places.
  absl::flat_hash_map<uint64_t, std::vector<Needle>> needles_;
  std::array<uint64_t, 1024> maybe_{};
  size_t longest_ = 0;
};

template <typename Found>
void ByteSearch::Find(std::string_view bytes, Found found) const {
  if (bytes.size() < kLeastNeedle) return;
  const size_t last = bytes.size() - kLeastNeedle;
  for (size_t i = 0; i <= last; ++i) {
    const uint64_t head = Head(bytes.data() + i);
    const size_t place = Place(head);
    if ((maybe_[place >> 6] >> (place & 63) & 1) == 0) continue;
    const auto it = needles_.find(head);
    if (it == needles_.end()) continue;
    for (const Needle& needle : it->second) {
      if (bytes.substr(i).starts_with(needle.bytes)) found(needle.owner);
    }
  }
}

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BYTE_SEARCH_H_
