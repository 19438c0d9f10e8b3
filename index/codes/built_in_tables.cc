// The tables compiled into the program, parsed at first use and kept.

#include <array>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "index/codes/code_table.h"

extern "C" {
extern const char gradmatch_codes_region[], gradmatch_codes_region_end[];
extern const char gradmatch_codes_undergraduate[],
    gradmatch_codes_undergraduate_end[];
extern const char gradmatch_codes_postgraduate[],
    gradmatch_codes_postgraduate_end[];
extern const char gradmatch_codes_vocational[],
    gradmatch_codes_vocational_end[];
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

constexpr std::array<std::string_view, 11> kSystems = {
    "region",   "undergraduate", "postgraduate", "vocational",
    "gd2025-A", "gd2025-B",      "gd2025-C",     "function",
    "industry", "school",        "condition"};

// The tables are part of the program: one that does not parse is a defect of
// the build, which no caller could handle.
const CodeTable* Load(CodeTableInfo info, const char* begin, const char* end) {
  auto table = CodeTable::Parse(std::move(info), std::string(begin, end));
  if (!table.ok()) {
    std::fprintf(stderr, "%s\n", table.status().ToString().c_str());
    std::abort();
  }
  return table->release();
}

// A macro, for the symbols' names are pasted together.
#define GRADMATCH_TABLE(symbol, ...)                               \
  [] {                                                             \
    static const CodeTable* const table =                          \
        Load(CodeTableInfo{__VA_ARGS__}, gradmatch_codes_##symbol, \
             gradmatch_codes_##symbol##_end);                      \
    return table;                                                  \
  }()

const CodeTable* MajorTable(std::string_view system) {
  if (system == "undergraduate") {
    return GRADMATCH_TABLE(undergraduate, "undergraduate", "moe-2023",
                           "普通高等学校本科专业目录（2023 年）",
                           {"门类", "专业类", "专业"});
  }
  if (system == "postgraduate") {
    return GRADMATCH_TABLE(
        postgraduate, "postgraduate", "moe-2022",
        "研究生教育学科专业目录（2022 年）",
        {"门类", "一级学科和专业学位类别", "二级学科和专业学位领域"});
  }
  if (system == "vocational") {
    return GRADMATCH_TABLE(vocational, "vocational", "moe-2021",
                           "职业教育专业目录（2021 年）专科和职业本科",
                           {"专业大类", "专业类", "专业"});
  }
  if (system == "gd2025-A") {
    return GRADMATCH_TABLE(gd2025_a, "gd2025-A", "2025",
                           "广东省考试录用公务员专业参考目录（2025 年）研究生",
                           {"门类", "一级学科", "二级学科"});
  }
  if (system == "gd2025-B") {
    return GRADMATCH_TABLE(gd2025_b, "gd2025-B", "2025",
                           "广东省考试录用公务员专业参考目录（2025 年）本科",
                           {"门类", "专业类", "专业"});
  }
  if (system == "gd2025-C") {
    return GRADMATCH_TABLE(gd2025_c, "gd2025-C", "2025",
                           "广东省考试录用公务员专业参考目录（2025 年）专科",
                           {"门类", "专业类", "专业"});
  }
  return nullptr;
}

}  // namespace

std::span<const std::string_view> CodeTable::BuiltInSystems() {
  return kSystems;
}

const CodeTable* CodeTable::BuiltIn(std::string_view system) {
  if (system == "region") {
    return GRADMATCH_TABLE(region, "region", "gb2260-2023",
                           "县级以上行政区划代码（GB/T 2260）",
                           {"省", "市", "县"});
  }
  if (system == "function") {
    return GRADMATCH_TABLE(function, "function", "1", "职位职能",
                           {"大类", "小类", "职能"});
  }
  if (system == "industry") {
    return GRADMATCH_TABLE(industry, "industry", "gb4754-2017",
                           "国民经济行业分类（GB/T 4754）", {"门类", "大类"});
  }
  if (system == "school") {
    return GRADMATCH_TABLE(school, "school", "2017",
                           "全国高等学校名单（2017 年）", {"学校"});
  }
  if (system == "condition") {
    return GRADMATCH_TABLE(condition, "condition", "1", "报考条件",
                           {"类别", "条件", "细分条件"});
  }
  return MajorTable(system);
}

}  // namespace gradmatch
