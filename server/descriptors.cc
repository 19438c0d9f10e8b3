#include "server/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace gradmatch {
namespace {

constexpr int64_t kOthers = 64;
constexpr int kLeastTables = 20;
constexpr int kLeastHttp = 4;
constexpr int kLeastGrpc = 8;

int64_t Sum(const DescriptorWants& wants) {
  return int64_t{wants.table_files} + wants.http_connections +
         wants.grpc_connections;
}

}  // namespace

DescriptorPlan PlanDescriptors(int64_t limit, const DescriptorWants& wants) {
  DescriptorPlan plan{.limit = limit,
                      .table_files = wants.table_files,
                      .http_connections = wants.http_connections,
                      .grpc_connections = wants.grpc_connections};
  const int64_t rest = std::max<int64_t>(limit - kOthers, 0);
  if (Sum(wants) <= rest) return plan;
  plan.cut = true;
  const auto share = [rest](int wanted, int least) {
    return static_cast<int>(
        std::min<int64_t>(wanted, std::max<int64_t>(rest / 3, least)));
  };
  plan.table_files = share(wants.table_files, kLeastTables);
  plan.http_connections = share(wants.http_connections, kLeastHttp);
  plan.grpc_connections = static_cast<int>(std::min<int64_t>(
      wants.grpc_connections,
      std::max<int64_t>(rest - plan.table_files - plan.http_connections,
                        kLeastGrpc)));
  return plan;
}

int64_t DescriptorsFor(const DescriptorWants& wants) {
  return Sum(wants) + kOthers;
}

int64_t DescriptorLimit() {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  constexpr rlim_t kPlenty = 1'000'000'000;  // and RLIM_INFINITY
  return static_cast<int64_t>(std::min(limit.rlim_cur, kPlenty));
}

int64_t RaiseDescriptorLimit() {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  return DescriptorLimit();
}

DescriptorReserve::DescriptorReserve(int count)
    : count_(static_cast<size_t>(count)) {
  Hold();
}

DescriptorReserve::~DescriptorReserve() { Release(); }

void DescriptorReserve::Release() {
  for (const int fd : held_) close(fd);
  held_.clear();
}

bool DescriptorReserve::Hold() {
  while (held_.size() < count_) {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    held_.push_back(fd);
  }
  return true;
}

}  // namespace gradmatch
