#ifndef GRADMATCH_MATCHER_TEXT_HASH_H_
#define GRADMATCH_MATCHER_TEXT_HASH_H_

#include <cstdint>
#include <string_view>

namespace gradmatch {

// Scrambles 64 bits one to one (the finaliser of splitmix64).
inline uint64_t MixBits(uint64_t x) {
  x ^= x >> 30;
  x *= 0xBF58476D1CE4E5B9u;
  x ^= x >> 27;
  x *= 0x94D049BB133111EBu;
  return x ^ x >> 31;
}

// FNV-1a, then mixed. The same on every machine and in every version: hashed
// features and encoder ids rest on it. DO NOT change.
inline uint64_t StableHash(std::string_view bytes, uint64_t seed = 0) {
  uint64_t h = 0xCBF29CE484222325u ^ MixBits(seed);
  for (const char c : bytes) {
    h ^= static_cast<unsigned char>(c);
    h *= 0x100000001B3u;
  }
  return MixBits(h);
}

}  // namespace gradmatch

#endif  // GRADMATCH_MATCHER_TEXT_HASH_H_
