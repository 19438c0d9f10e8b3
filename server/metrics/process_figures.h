#ifndef GRADMATCH_SERVER_METRICS_PROCESS_FIGURES_H_
#define GRADMATCH_SERVER_METRICS_PROCESS_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gradmatch {

// What Linux tells of this process; -1: it does not.
struct ProcessFigures {
  int64_t resident_bytes = -1;
  double cpu_seconds = -1;
  int64_t threads = -1;
  int64_t open_files = -1;
  int64_t max_files = -1;
};

// Of the text of /proc/self/stat: processor time, threads and resident memory.
// Nullopt when it has another form. Pure.
std::optional<ProcessFigures> ParseProcStat(std::string_view stat,
                                            int64_t ticks_per_second,
                                            int64_t page_bytes);

ProcessFigures ReadProcessFigures();

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_METRICS_PROCESS_FIGURES_H_
