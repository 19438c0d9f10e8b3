#ifndef GRADMATCH_INDEX_BASE_LOCKED_BYTES_H_
#define GRADMATCH_INDEX_BASE_LOCKED_BYTES_H_

#include <cstddef>
#include <string_view>

namespace gradmatch {

// A copy of the bytes of a key in pages of its own: not written to swap, not in
// a core file, not inherited by a child process, read-only, and wiped when it
// goes. A page each, so for the few keys that live as long as the process.
// Moved, not copied. Ends the process when there is no memory.
class LockedBytes {
 public:
  LockedBytes() = default;
  explicit LockedBytes(std::string_view bytes);
  LockedBytes(LockedBytes&& other) noexcept;
  LockedBytes& operator=(LockedBytes&& other) noexcept;
  ~LockedBytes();

  std::string_view view() const { return {data_, size_}; }
  // False when the system's limit (RLIMIT_MEMLOCK) did not allow to keep it out
  // of swap; the rest holds.
  bool locked() const { return locked_; }

 private:
  size_t MappedBytes() const;

  char* data_ = nullptr;
  size_t size_ = 0;
  bool locked_ = false;
};

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_BASE_LOCKED_BYTES_H_
