#include "matcher/ingest/uscc.h"

#include <array>
#include <cstddef>

namespace gradmatch {

bool IsValidUscc(std::string_view code) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  constexpr std::array<int, 17> kWeights = {1,  3,  9,  27, 19, 26, 16, 17, 20,
                                            29, 25, 13, 8,  24, 10, 30, 28};
  if (code.size() != kWeights.size() + 1) return false;
  size_t sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    const size_t value = kAlphabet.find(code[i]);
    if (value == std::string_view::npos) return false;
    sum += value * kWeights[i];
  }
  return code.back() == kAlphabet[(31 - sum % 31) % 31];
}

}  // namespace gradmatch
