#include "tools/gradmatch/doctor/machine_checks.h"

#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "index/base/strings.h"
#include "index/dot_product.h"
#include "tools/gradmatch/terminal.h"

namespace gradmatch {
namespace {

constexpr int64_t kMiB = 1 << 20;
constexpr int64_t kFailFreeMiB = 2'048;
constexpr double kWarnFreeShare = 0.15;
constexpr int64_t kLeastMemoryMiB = 1'024;
constexpr int64_t kMuchSwapMiB = 512;

std::string ReadText(const std::string& path) {
  std::ifstream in(path);
  return std::string((std::istreambuf_iterator<char>(in)),
                     std::istreambuf_iterator<char>());
}

std::string MiB(int64_t bytes) {
  return absl::StrCat(Grouped(bytes / kMiB), " MiB");
}

Finding CheckDisk(const MachineFacts& facts) {
  Finding finding{.name = "disk"};
  if (facts.disk_free_bytes < 0 || facts.disk_bytes <= 0) {
    finding.verdict = Verdict::kWarn;
    finding.found = "cannot be asked";
    finding.advice = "look with df -h at the data folder's disk";
    return finding;
  }
  finding.found = absl::StrCat(MiB(facts.disk_free_bytes), " free of ",
                               MiB(facts.disk_bytes));
  const double share = static_cast<double>(facts.disk_free_bytes) /
                       static_cast<double>(facts.disk_bytes);
  if (facts.disk_free_bytes < kFailFreeMiB * kMiB) {
    finding.verdict = Verdict::kFail;
    finding.advice = absl::StrCat("make room: at least ", Grouped(kFailFreeMiB),
                                  " MiB are wanted");
  } else if (share < kWarnFreeShare) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "make room soon: merging tables needs some of it for a while";
  }
  return finding;
}

Finding CheckMemory(const MachineFacts& facts) {
  Finding finding{.name = "memory"};
  if (facts.memory_bytes < 0) {
    finding.verdict = Verdict::kWarn;
    finding.found = "cannot be asked";
    finding.advice = "look at /proc/meminfo";
    return finding;
  }
  finding.found = absl::StrCat(MiB(facts.memory_available_bytes),
                               " available of ", MiB(facts.memory_bytes));
  if (facts.memory_available_bytes < kLeastMemoryMiB * kMiB) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "free some: a million postings take about 2 GiB, and the kernel ends "
        "who takes the last";
  }
  return finding;
}

Finding CheckSwap(const MachineFacts& facts) {
  Finding finding{.name = "swap"};
  finding.found = facts.swap_used_bytes < 0
                      ? "not known"
                      : absl::StrCat(MiB(facts.swap_used_bytes), " in use");
  if (facts.swap_used_bytes > kMuchSwapMiB * kMiB) {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "searches read all of the index: give the server more memory, or set "
        "vm.swappiness=1";
  }
  return finding;
}

Finding CheckHugePages(const MachineFacts& facts) {
  Finding finding{
      .name = "huge pages",
      .found = facts.huge_pages.empty() ? "not known" : facts.huge_pages};
  if (facts.huge_pages == "always") {
    finding.verdict = Verdict::kWarn;
    finding.advice =
        "set transparent_hugepage to madvise: with always the kernel stops "
        "writers to gather pages";
  }
  return finding;
}

Finding CheckClock(const MachineFacts& facts) {
  Finding finding{.name = "clock"};
  finding.found =
      absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", facts.now, absl::UTCTimeZone());
  if (facts.now <
      absl::FromCivil(absl::CivilDay(2024, 1, 1), absl::UTCTimeZone())) {
    finding.verdict = Verdict::kFail;
    finding.advice = "set the clock: expiry, retention and schedules follow it";
  } else if (facts.clock_synchronised == false) {
    finding.verdict = Verdict::kWarn;
    absl::StrAppend(&finding.found, ", not synchronised");
    finding.advice =
        "run chrony or systemd-timesyncd: tokens, certificates and schedules "
        "go by the clock";
  }
  return finding;
}

Finding CheckProcessor(const MachineFacts& facts) {
  Finding finding{.name = "processor",
                  .found = absl::StrCat(facts.cores, " cores, vector kernel ",
                                        facts.vector_kernel)};
  if (!facts.fast_kernel) {
    finding.verdict = Verdict::kWarn;
    finding.advice = "without AVX2 searches are several times slower";
  }
  return finding;
}

std::optional<bool> IsClockSynchronised() {
  struct timex state = {};
  const int result = adjtimex(&state);
  if (result < 0) return std::nullopt;
  return result != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

}  // namespace

void ParseMemory(std::string_view meminfo, MachineFacts& facts) {
  int64_t swap_total = -1, swap_free = -1;
  const std::pair<absl::string_view, int64_t*> wanted[] = {
      {"MemTotal:", &facts.memory_bytes},
      {"MemAvailable:", &facts.memory_available_bytes},
      {"SwapTotal:", &swap_total},
      {"SwapFree:", &swap_free}};
  for (const absl::string_view line : absl::StrSplit(A(meminfo), '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    for (const auto& [name, value] : wanted) {
      int64_t kib = 0;
      if (words.size() >= 2 && words[0] == name &&
          absl::SimpleAtoi(words[1], &kib)) {
        *value = kib * 1'024;
      }
    }
  }
  if (swap_total >= 0 && swap_free >= 0) {
    facts.swap_used_bytes = swap_total - swap_free;
  }
}

std::string ChosenWord(std::string_view text) {
  const size_t begin = text.find('[');
  const size_t end = text.find(']');
  if (begin == std::string_view::npos || end == std::string_view::npos ||
      end < begin) {
    return "";
  }
  return std::string(text.substr(begin + 1, end - begin - 1));
}

MachineFacts ReadMachineFacts(const std::string& folder,
                              const std::string& root) {
  MachineFacts facts;
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    facts.file_limit =
        static_cast<int64_t>(std::min<rlim_t>(limit.rlim_max, 1'000'000'000));
  }
  std::error_code error;
  std::filesystem::path at = std::filesystem::absolute(folder, error);
  while (!std::filesystem::exists(at, error) && at.has_relative_path()) {
    at = at.parent_path();
  }
  struct statvfs disk;
  if (statvfs(at.c_str(), &disk) == 0) {
    const auto size = static_cast<int64_t>(disk.f_frsize);
    facts.disk_bytes = static_cast<int64_t>(disk.f_blocks) * size;
    facts.disk_free_bytes = static_cast<int64_t>(disk.f_bavail) * size;
  }
  ParseMemory(ReadText(root + "/proc/meminfo"), facts);
  facts.huge_pages = ChosenWord(
      ReadText(root + "/sys/kernel/mm/transparent_hugepage/enabled"));
  facts.clock_synchronised = IsClockSynchronised();
  facts.now = absl::Now();
  facts.cores = static_cast<int>(std::thread::hardware_concurrency());
  facts.vector_kernel = std::string(DotProductKernels().front().name);
  facts.fast_kernel = DotProductKernels().size() > 1;
  return facts;
}

Findings CheckMachine(const MachineFacts& facts) {
  return {CheckDisk(facts),      CheckMemory(facts), CheckSwap(facts),
          CheckHugePages(facts), CheckClock(facts),  CheckProcessor(facts)};
}

}  // namespace gradmatch
