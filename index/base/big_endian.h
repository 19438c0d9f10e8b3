#ifndef GRADMATCH_INDEX_BASE_BIG_ENDIAN_H_
#define GRADMATCH_INDEX_BASE_BIG_ENDIAN_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace gradmatch {

// Eight bytes whose byte order is the number's order. Used in keys and in our
// own small files.
inline void AppendBigEndian64(uint64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

// Reads the first eight bytes of `bytes`, which has at least eight.
inline uint64_t ReadBigEndian64(std::string_view bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_BIG_ENDIAN_H_
