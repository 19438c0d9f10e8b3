#ifndef GRADMATCH_INDEX_CODES_CODE_TABLE_H_
#define GRADMATCH_INDEX_CODES_CODE_TABLE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/statusor.h"

namespace gradmatch {

// One line of a code table. The views live as long as the program.
struct CodeEntry {
  std::string_view code;
  std::string_view name;     // as the catalogue prints it
  std::string_view aliases;  // further names, separated by '|'; often empty
  std::string_view note;     // K or T of a major; "city|level" of a school
  int32_t level = 0;         // 1 is the broadest
  int32_t parent = -1;       // place in CodeTable::entries(); -1 at the top
};

// A catalogue of codes ("system"), compiled into the program:
//
//   system         levels                                    code
//   region         province, city, county                    6 digits, GB/T 2260
//   undergraduate  门类, 专业类, 专业                          2, 4, 6 digits
//   gd2025-A       门类, 一级学科, 二级学科 (postgraduate)     A, 2, 4 or 6 digits
//   gd2025-B       门类, 专业类, 专业 (undergraduate)          B, ...
//   gd2025-C       门类, 专业类, 专业 (vocational)             C, ...
//   function       group, group, job function                2, 4, 6 characters
//   industry       门类, 大类 (GB/T 4754)                      letter, 2 digits
//   school         school                                    10 digits
//   condition      group, condition, narrower condition      words: cpc-member
//
// Notes of `condition`: one-of, at most one of the group holds; implies:X, who
// holds it holds X (as who holds a narrower condition holds the one above);
// not:X, holds when X does not; undertaking, a group of what is agreed at
// hiring; domain, the levels of a field's titles are below it.
//
// gd2025-* are Guangdong's own lists of 2025: equal digits do not mean the same
// major as in `undergraduate`; cross with CrossByName. Immutable; all methods
// may run concurrently. Returned pointers live as long as the program.
class CodeTable {
 public:
  // nullptr if there is no such system; Systems() lists those there are.
  static const CodeTable* Get(std::string_view system);
  static std::span<const std::string_view> Systems();

  // Parses the uniform table shape: lines "code, parent, level, name, aliases,
  // note" separated by tabs, parents first, codes unique. `tsv` must outlive
  // the table. InvalidArgument names the line and what is wrong with it.
  static absl::StatusOr<std::unique_ptr<CodeTable>> Parse(
      std::string_view system, std::string_view version, std::string_view tsv);

  std::string_view system() const { return system_; }
  std::string_view version() const { return version_; }
  int32_t max_level() const { return max_level_; }
  // Sorted by code.
  std::span<const CodeEntry> entries() const { return entries_; }

  // Exact, but for what is only spelling: the K and T suffixes of undergraduate
  // majors ("080904K"), missing zeros of a region ("44", "4401"), letter case.
  // nullptr if unknown.
  const CodeEntry* Find(std::string_view code) const;

  // All entries with this name or alias, broadest first; spaces, brackets'
  // width and letter case do not matter. Empty if unknown.
  std::vector<const CodeEntry*> FindByName(std::string_view name) const;

  // Empty when `code` is unknown.
  std::string_view Name(std::string_view code) const;
  // nullptr at the top.
  const CodeEntry* Parent(const CodeEntry& entry) const;
  // From the parent up to the top.
  std::vector<const CodeEntry*> Ancestors(const CodeEntry& entry) const;
  std::vector<const CodeEntry*> Children(const CodeEntry& entry) const;
  // True if `broad` is `narrow` or one of its ancestors. False if either is
  // unknown.
  bool Covers(std::string_view broad, std::string_view narrow) const;

  // Up to `n` entries whose code or name is most like `text`, best first, for
  // error messages. Linear in the table: not for the hot path.
  std::vector<const CodeEntry*> Nearest(std::string_view text, size_t n) const;

 private:
  CodeTable() = default;

  std::string system_;
  std::string version_;
  int32_t max_level_ = 0;
  std::vector<CodeEntry> entries_;
  std::unordered_map<std::string_view, int32_t> by_code_;
  std::unordered_map<std::string, std::vector<int32_t>> by_name_;
  std::vector<std::vector<int32_t>> children_;
};

// Names a code in messages: "080901 计算机科学与技术".
std::string Describe(const CodeEntry& entry);

// The entries of `to` that carry the name of `entry` ("X" also meets "X类").
// Empty is a miss, which callers report.
std::vector<const CodeEntry*> CrossByName(const CodeEntry& entry,
                                          const CodeTable& to);

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CODES_CODE_TABLE_H_
