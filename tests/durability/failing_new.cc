#include "tests/durability/failing_new.h"

#include <dlfcn.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace gradmatch {
namespace {

thread_local int64_t t_left = 0;  // 0: not armed
thread_local bool t_failed = false;
std::atomic<int64_t> g_live{0};

// Protobuf counts an element before it has it, so that a failure in there
// leaves a message that cannot be destroyed. Nothing of ours can mend that.
bool MayFail(const void* caller) {
  Dl_info info;
  return ::dladdr(caller, &info) == 0 || info.dli_fname == nullptr ||
         std::strstr(info.dli_fname, "libprotobuf") == nullptr;
}

void* Allocate(size_t size, size_t alignment, const void* caller) {
  if (t_left > 0 && MayFail(caller) && --t_left == 0) {
    t_failed = true;
    return nullptr;
  }
  void* memory = alignment == 0
                     ? std::malloc(size == 0 ? 1 : size)
                     : std::aligned_alloc(alignment, (size + alignment) /
                                                         alignment * alignment);
  if (memory != nullptr) g_live.fetch_add(1, std::memory_order_relaxed);
  return memory;
}

void* AllocateOrThrow(size_t size, size_t alignment, const void* caller) {
  void* memory = Allocate(size, alignment, caller);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Free(void* memory) {
  if (memory != nullptr) g_live.fetch_sub(1, std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

void FailAllocation(int64_t n) {
  t_failed = false;
  t_left = n;
}

bool DisarmAllocation() {
  t_left = 0;
  return t_failed;
}

Unarmed::Unarmed() : left_(std::exchange(t_left, 0)) {}
Unarmed::~Unarmed() { t_left = left_; }

int64_t LiveAllocations() { return g_live.load(std::memory_order_relaxed); }

}  // namespace gradmatch

void* operator new(size_t size) {
  return gradmatch::AllocateOrThrow(size, 0, __builtin_return_address(0));
}
void* operator new[](size_t size) {
  return gradmatch::AllocateOrThrow(size, 0, __builtin_return_address(0));
}
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return gradmatch::Allocate(size, 0, __builtin_return_address(0));
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return gradmatch::Allocate(size, 0, __builtin_return_address(0));
}
void* operator new(size_t size, std::align_val_t alignment) {
  return gradmatch::AllocateOrThrow(size, static_cast<size_t>(alignment),
                                    __builtin_return_address(0));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return gradmatch::AllocateOrThrow(size, static_cast<size_t>(alignment),
                                    __builtin_return_address(0));
}
void operator delete(void* memory) noexcept { gradmatch::Free(memory); }
void operator delete[](void* memory) noexcept { gradmatch::Free(memory); }
void operator delete(void* memory, size_t) noexcept { gradmatch::Free(memory); }
void operator delete[](void* memory, size_t) noexcept {
  gradmatch::Free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  gradmatch::Free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  gradmatch::Free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  gradmatch::Free(memory);
}
void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  gradmatch::Free(memory);
}
