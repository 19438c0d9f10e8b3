#ifndef GRADMATCH_TOOLS_GRADMATCH_DOCTOR_MACHINE_CHECKS_H_
#define GRADMATCH_TOOLS_GRADMATCH_DOCTOR_MACHINE_CHECKS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tools/gradmatch/doctor/finding.h"

namespace gradmatch {

// What is known of a machine; -1 and nullopt: could not be asked.
struct MachineFacts {
  // The hard one: the server raises its own as far as it may. For
  // CheckOpenFiles (setup_checks.h).
  int64_t file_limit = -1;
  int64_t disk_bytes = -1;  // of the data folder
  int64_t disk_free_bytes = -1;
  int64_t memory_bytes = -1;
  int64_t memory_available_bytes = -1;
  int64_t swap_used_bytes = -1;
  std::string huge_pages;  // always, madvise or never; empty: not known
  std::optional<bool> clock_synchronised;
  absl::Time now;
  int cores = 0;
  std::string vector_kernel;  // "avx2", or "portable"
  bool fast_kernel = true;    // one better than the portable one
};

// Of the text of /proc/meminfo. Pure.
void ParseMemory(std::string_view meminfo, MachineFacts& facts);
// The word in brackets of "always [madvise] never"; empty when there is none.
std::string ChosenWord(std::string_view text);

// The facts of this machine. `folder`: whose disk; need not be there yet.
// `root`: before /proc and /sys; empty but in tests.
MachineFacts ReadMachineFacts(const std::string& folder,
                              const std::string& root = "");

// One finding a check: disk, memory, swap, huge pages, clock,
// processor. Pure.
Findings CheckMachine(const MachineFacts& facts);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_DOCTOR_MACHINE_CHECKS_H_
