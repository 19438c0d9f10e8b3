#include "index/store.h"

namespace gradmatch {

KeyRange PrefixRange(std::string_view prefix) {
  KeyRange range{std::string(prefix), std::string(prefix)};
  // The end is the prefix with its last byte raised; 0xff carries over.
  while (!range.end.empty()) {
    auto& last = reinterpret_cast<unsigned char&>(range.end.back());
    if (last != 0xff) {
      ++last;
      return range;
    }
    range.end.pop_back();
  }
  return range;
}

KeyRange SingleKey(std::string_view key) {
  return {std::string(key), std::string(key) + '\0'};
}

}  // namespace gradmatch
