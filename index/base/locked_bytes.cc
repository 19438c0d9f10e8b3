#include "index/base/locked_bytes.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace gradmatch {

size_t LockedBytes::MappedBytes() const {
  static const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return (size_ + page - 1) / page * page;
}

LockedBytes::LockedBytes(std::string_view bytes) : size_(bytes.size()) {
  if (size_ == 0) return;
  void* pages = mmap(nullptr, MappedBytes(), PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) std::abort();
  // Before the bytes are there.
  locked_ = mlock(pages, MappedBytes()) == 0;
  (void)madvise(pages, MappedBytes(), MADV_DONTDUMP);
  (void)madvise(pages, MappedBytes(), MADV_WIPEONFORK);
  memcpy(pages, bytes.data(), size_);
  (void)mprotect(pages, MappedBytes(), PROT_READ);
  data_ = static_cast<char*>(pages);
}

LockedBytes::LockedBytes(LockedBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      locked_(std::exchange(other.locked_, false)) {}

LockedBytes& LockedBytes::operator=(LockedBytes&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(locked_, other.locked_);
  return *this;
}

LockedBytes::~LockedBytes() {
  if (data_ == nullptr) return;
  if (mprotect(data_, MappedBytes(), PROT_READ | PROT_WRITE) == 0) {
    explicit_bzero(data_, size_);
  }
  munmap(data_, MappedBytes());
}

}  // namespace gradmatch
