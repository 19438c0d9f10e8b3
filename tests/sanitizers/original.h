#ifndef GRADMATCH_TESTS_SANITIZERS_ORIGINAL_H_
#define GRADMATCH_TESTS_SANITIZERS_ORIGINAL_H_

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>

namespace gradmatch {

// The function of this name in the library, behind ours that stands before it;
// ends the program if there is none, as the test would be blind.
template <typename Function>
Function Original(const char* symbol) {
  void* const found = dlsym(RTLD_NEXT, symbol);
  if (found == nullptr) {
    std::fprintf(stderr, "tests/sanitizers: no %s in any library\n", symbol);
    std::abort();
  }
  return reinterpret_cast<Function>(found);
}

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SANITIZERS_ORIGINAL_H_
