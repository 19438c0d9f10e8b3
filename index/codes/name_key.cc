#include "index/codes/name_key.h"

namespace gradmatch {

std::string TableNameKey(std::string_view name) {
  std::string key;
  key.reserve(name.size());
  for (size_t i = 0; i < name.size(); ++i) {
    unsigned char c = static_cast<unsigned char>(name[i]);
    if (c == 0xEF && i + 2 < name.size()) {
      // U+FF01..U+FF5E, three bytes, are U+0021..U+007E.
      const unsigned code =
          ((c & 0x0Fu) << 12) |
          ((static_cast<unsigned char>(name[i + 1]) & 0x3Fu) << 6) |
          (static_cast<unsigned char>(name[i + 2]) & 0x3Fu);
      if (code >= 0xFF01 && code <= 0xFF5E) {
        c = static_cast<unsigned char>(code - 0xFEE0);
        i += 2;
      }
    } else if (c == 0xE3 && name.substr(i, 3) == "\u3000") {
      i += 2;
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') continue;
    if (c >= 'A' && c <= 'Z') c = static_cast<unsigned char>(c + ('a' - 'A'));
    key.push_back(static_cast<char>(c));
  }
  return key;
}

}  // namespace gradmatch
