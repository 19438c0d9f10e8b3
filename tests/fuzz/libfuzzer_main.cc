// A target under libFuzzer: GRADMATCH_FUZZ_TARGET names it (tools/fuzz).

#include <cstddef>
#include <cstdint>

#include "tests/fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const gradmatch::FuzzTarget& target =
      gradmatch::FindFuzzTarget(GRADMATCH_FUZZ_TARGET);
  target.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
