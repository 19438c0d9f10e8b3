#ifndef GRADMATCH_TESTS_FUZZ_FUZZ_TARGET_H_
#define GRADMATCH_TESTS_FUZZ_FUZZ_TARGET_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "google/protobuf/message.h"

namespace gradmatch {

// A reader of foreign bytes, and what it promises about any of them. The same
// functions run under libFuzzer (tools/fuzz) and over the kept corpora with
// seeded mutations (fuzz_corpus_test).
struct FuzzTarget {
  // Also the folder of its corpus: tests/fuzz/corpus/<name>.
  std::string_view name;
  // Ends the program, by PROMISE, when something promised does not hold. One
  // thread at a time. Keeps nothing between two calls but what it made at the
  // first.
  void (*run)(std::string_view bytes);
};

// By name.
std::span<const FuzzTarget> FuzzTargets();
// Ends the program when there is none of this name.
const FuzzTarget& FindFuzzTarget(std::string_view name);

// For use inside targets.
[[noreturn]] void BrokenPromise(const char* what, const char* file, int line);
#define PROMISE(condition) \
  ((condition) ? (void)0   \
               : ::gradmatch::BrokenPromise(#condition, __FILE__, __LINE__))

// Reads a message from JSON, if the bytes begin as such, or from wire form.
bool ReadMessage(std::string_view bytes, google::protobuf::Message& message);

// Takes numbers off the front of the bytes, to choose with; 0 when there are
// none left.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}
  // Below `count`, which is at least 1; takes one byte, two for more than 256.
  size_t Pick(size_t count) {
    size_t value = Take();
    if (count > 256) value = value << 8 | Take();
    return value % count;
  }
  // Up to the next zero byte.
  std::string_view Word() {
    const std::string_view word = bytes_.substr(0, bytes_.find('\0'));
    bytes_.remove_prefix(std::min(bytes_.size(), word.size() + 1));
    return word;
  }
  std::string_view rest() const { return bytes_; }

 private:
  uint8_t Take() {
    if (bytes_.empty()) return 0;
    const uint8_t first = static_cast<uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return first;
  }

  std::string_view bytes_;
};

// The targets, each in the file of its name.
void FuzzAudience(std::string_view bytes);
void FuzzCodeTable(std::string_view bytes);
void FuzzConfiguration(std::string_view bytes);
void FuzzFeed(std::string_view bytes);
void FuzzHttpBytes(std::string_view bytes);
void FuzzHttpTarget(std::string_view bytes);
void FuzzPosting(std::string_view bytes);
void FuzzRequestJson(std::string_view bytes);
void FuzzSealedValue(std::string_view bytes);
void FuzzStoredFile(std::string_view bytes);
void FuzzSyncLines(std::string_view bytes);
void FuzzText(std::string_view bytes);
void FuzzToken(std::string_view bytes);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_FUZZ_FUZZ_TARGET_H_
