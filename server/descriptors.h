#ifndef GRADMATCH_SERVER_DESCRIPTORS_H_
#define GRADMATCH_SERVER_DESCRIPTORS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gradmatch {

// File descriptors: one number for connections, table files and all else. When
// there is none left, nobody can connect and the store cannot open a file, so
// they are divided before that.

// What is asked for.
struct DescriptorWants {
  int table_files = 0;
  int http_connections = 0;
  int grpc_connections = 0;
};
// What each gets so that together they stay below the limit.
struct DescriptorPlan {
  int64_t limit = 0;
  int table_files = 0;
  int http_connections = 0;
  int grpc_connections = 0;
  // Less than was asked for.
  bool cut = false;
};
// 64 are left for the log, sockets of our own, and what the libraries hold; of
// the rest, table files and HTTP get at most a third each. At least 20, 4 and 8
// whatever the limit is. Pure.
DescriptorPlan PlanDescriptors(int64_t limit, const DescriptorWants& wants);
// The least limit with which nothing is cut. Pure.
int64_t DescriptorsFor(const DescriptorWants& wants);

// The limit of this process; RaiseDescriptorLimit makes it as high as the
// system allows first.
int64_t DescriptorLimit();
int64_t RaiseDescriptorLimit();

// A few descriptors held back so that something can still be done when all
// others are gone. Used by one thread.
class DescriptorReserve {
 public:
  explicit DescriptorReserve(int count);
  ~DescriptorReserve();
  DescriptorReserve(const DescriptorReserve&) = delete;
  DescriptorReserve& operator=(const DescriptorReserve&) = delete;

  // Gives them to whoever comes first.
  void Release();
  // Takes them back; false when there were not enough.
  bool Hold();

 private:
  const size_t count_;
  std::vector<int> held_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_DESCRIPTORS_H_
