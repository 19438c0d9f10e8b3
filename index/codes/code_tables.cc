// The tables compiled into the program, parsed at first use and kept.

#include <array>
#include <cstdio>
#include <cstdlib>

#include "index/codes/code_table.h"

extern "C" {
extern const char gradmatch_codes_region[], gradmatch_codes_region_end[];
extern const char gradmatch_codes_undergraduate[],
    gradmatch_codes_undergraduate_end[];
extern const char gradmatch_codes_gd2025_a[], gradmatch_codes_gd2025_a_end[];
extern const char gradmatch_codes_gd2025_b[], gradmatch_codes_gd2025_b_end[];
extern const char gradmatch_codes_gd2025_c[], gradmatch_codes_gd2025_c_end[];
extern const char gradmatch_codes_function[], gradmatch_codes_function_end[];
extern const char gradmatch_codes_industry[], gradmatch_codes_industry_end[];
extern const char gradmatch_codes_school[], gradmatch_codes_school_end[];
extern const char gradmatch_codes_condition[], gradmatch_codes_condition_end[];
}

namespace gradmatch {
namespace {

constexpr std::array<std::string_view, 9> kSystems = {
    "region",   "undergraduate", "gd2025-A", "gd2025-B", "gd2025-C",
    "function", "industry",      "school",   "condition"};

// The tables are part of the program: one that does not parse is a defect of
// the build, which no caller could handle.
const CodeTable* Load(std::string_view system, std::string_view version,
                      const char* begin, const char* end) {
  auto table = CodeTable::Parse(
      system, version,
      std::string_view(begin, static_cast<size_t>(end - begin)));
  if (!table.ok()) {
    std::fprintf(stderr, "%s\n", table.status().ToString().c_str());
    std::abort();
  }
  return table->release();
}

// A macro, for the symbols' names are pasted together.
#define GRADMATCH_TABLE(system, version, symbol)        \
  [] {                                                  \
    static const CodeTable* const table =               \
        Load(system, version, gradmatch_codes_##symbol, \
             gradmatch_codes_##symbol##_end);           \
    return table;                                       \
  }()

}  // namespace

std::span<const std::string_view> CodeTable::Systems() { return kSystems; }

const CodeTable* CodeTable::Get(std::string_view system) {
  if (system == "region") {
    return GRADMATCH_TABLE("region", "gb2260-2023", region);
  }
  if (system == "undergraduate") {
    return GRADMATCH_TABLE("undergraduate", "moe-2023", undergraduate);
  }
  if (system == "gd2025-A")
    return GRADMATCH_TABLE("gd2025-A", "2025", gd2025_a);
  if (system == "gd2025-B")
    return GRADMATCH_TABLE("gd2025-B", "2025", gd2025_b);
  if (system == "gd2025-C")
    return GRADMATCH_TABLE("gd2025-C", "2025", gd2025_c);
  if (system == "function") return GRADMATCH_TABLE("function", "1", function);
  if (system == "industry") {
    return GRADMATCH_TABLE("industry", "gb4754-2017", industry);
  }
  if (system == "school") return GRADMATCH_TABLE("school", "2017", school);
  if (system == "condition") {
    return GRADMATCH_TABLE("condition", "1", condition);
  }
  return nullptr;
}

}  // namespace gradmatch
