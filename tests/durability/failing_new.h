#ifndef GRADMATCH_TESTS_DURABILITY_FAILING_NEW_H_
#define GRADMATCH_TESTS_DURABILITY_FAILING_NEW_H_

#include <cstdint>

namespace gradmatch {

// operator new of the whole program, which fails when it is told to
// (failing_new.cc). Only on the thread that asked: threads of libraries may do
// anything when they get no memory, and so may the library that is under a
// call, so what is called from ours is disarmed around it.

// The n-th allocation from now on, counted from 1, throws std::bad_alloc.
void FailAllocation(int64_t n);
// Off again; whether it has failed.
bool DisarmAllocation();

// Off as long as it lives.
class Unarmed {
 public:
  Unarmed();
  ~Unarmed();
  Unarmed(const Unarmed&) = delete;
  Unarmed& operator=(const Unarmed&) = delete;

 private:
  const int64_t left_;
};

// Allocations that were not freed, of all threads.
int64_t LiveAllocations();

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_DURABILITY_FAILING_NEW_H_
