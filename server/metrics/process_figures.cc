#include "server/metrics/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"

namespace gradmatch {
namespace {

// Places behind the name of the program, which may hold blanks: proc(5).
constexpr size_t kUserTicks = 11, kSystemTicks = 12, kThreads = 17, kPages = 21;

int64_t CountOpenFiles() {
  std::error_code error;
  int64_t count = 0;
  std::filesystem::directory_iterator entry("/proc/self/fd", error);
  for (; !error && entry != std::filesystem::directory_iterator();
       entry.increment(error)) {
    ++count;
  }
  return error ? -1 : count - 1;  // the walk's own
}

}  // namespace

std::optional<ProcessFigures> ParseProcStat(std::string_view stat,
                                            int64_t ticks_per_second,
                                            int64_t page_bytes) {
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  const std::vector<absl::string_view> fields = absl::StrSplit(
      A(stat.substr(name_end + 1)), absl::ByAnyChar(" \n"), absl::SkipEmpty());
  int64_t user = 0, system = 0, threads = 0, pages = 0;
  if (fields.size() <= kPages || !absl::SimpleAtoi(fields[kUserTicks], &user) ||
      !absl::SimpleAtoi(fields[kSystemTicks], &system) ||
      !absl::SimpleAtoi(fields[kThreads], &threads) ||
      !absl::SimpleAtoi(fields[kPages], &pages)) {
    return std::nullopt;
  }
  ProcessFigures figures;
  figures.cpu_seconds = static_cast<double>(user + system) /
                        static_cast<double>(ticks_per_second);
  figures.threads = threads;
  figures.resident_bytes = pages * page_bytes;
  return figures;
}

ProcessFigures ReadProcessFigures() {
  std::ifstream in("/proc/self/stat");
  const std::string stat((std::istreambuf_iterator<char>(in)),
                         std::istreambuf_iterator<char>());
  ProcessFigures figures =
      ParseProcStat(stat, sysconf(_SC_CLK_TCK), sysconf(_SC_PAGESIZE))
          .value_or(ProcessFigures());
  figures.open_files = CountOpenFiles();
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    figures.max_files = static_cast<int64_t>(limit.rlim_cur);
  }
  return figures;
}

}  // namespace gradmatch
