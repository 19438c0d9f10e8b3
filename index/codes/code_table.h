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
  std::string_view name;       // as the catalogue prints it
  std::string_view aliases;    // further names, separated by '|'; often empty
  std::string_view note;       // kinds, separated by '|': see CodeTable
  std::string_view successor;  // code that took its place; empty in force
  int32_t level = 0;           // 1 is the broadest
  int32_t parent = -1;         // place in CodeTable::entries(); -1 at the top
};

// What a table is, beside its lines.
struct CodeTableInfo {
  std::string system;               // such as undergraduate
  std::string version;              // such as moe-2023
  std::string display_name;         // in Chinese
  std::vector<std::string> levels;  // names, the broadest first; may be empty
};

// A catalogue of codes ("system") in one version. Compiled into the program:
//
//   system         levels                                 code
//   region         province, city, county                 6 digits, GB/T 2260
//   undergraduate  门类, 专业类, 专业                     2, 4, 6 digits
//   postgraduate   门类, 一级学科, 二级学科               2, 4, 6 digits
//   vocational     专业大类, 专业类, 专业                 2, 4, 6 digits
//   gd2025-A       门类, 一级学科, 二级学科               A, 2, 4 or 6 digits
//   gd2025-B       门类, 专业类, 专业 (undergraduate)     B, ...
//   gd2025-C       门类, 专业类, 专业 (vocational)        C, ...
//   function       group, group, job function             2, 4, 6 characters
//   industry       门类, 大类 (GB/T 4754)                 letter, 2 digits
//   school         school                                 10 digits
//   condition      group, condition, narrower condition   words: cpc-member
//
// Notes: K or T of an undergraduate major; 专科 or 职业本科 and K of a
// vocational one; 学术学位, 专业学位, 仅硕士, 专业学位领域 or 1997 (the last
// official list of 二级学科) of a postgraduate one; "city|level" of a school.
// Of a condition: one-of, at most one of the group holds; implies:X, who holds
// it holds X (as who holds a narrower condition holds the one above); not:X,
// holds when X does not; undertaking, a group of what is agreed at hiring;
// domain, the levels of a field's titles are below it. Systems of majors share
// digits but not meaning: cross with CrossByName.
//
// A code that was given up and has a successor (a county merged into another, a
// discipline that moved) is a former code. It is no entry: what walks the table
// sees what is in force, and Find follows it only where asked.
//
// Immutable; all methods may run concurrently. Tables of the process and what
// they hand out live as long as the program (code_registry.h tells which there
// are); one that Parse returns lives as long as its owner.
class CodeTable {
 public:
  // The current version of a system: the imported one if there is one, else the
  // built-in one. nullptr if there is no such system.
  static const CodeTable* Get(std::string_view system);
  // Exactly this version; an empty one means the current one. nullptr if there
  // is none.
  static const CodeTable* Get(std::string_view system,
                              std::string_view version);
  // The one compiled into this program, whatever was imported: for parsers of
  // text and encoders, whose answers must change with the program only. nullptr
  // if it has no such system; BuiltInSystems() lists those it has.
  static const CodeTable* BuiltIn(std::string_view system);
  static std::span<const std::string_view> BuiltInSystems();

  // Reads the table shape: lines "code, parent, level, name, aliases, note" and
  // if there is one "successor", separated by tabs, codes unique. Every code's
  // parent is there and broader; every successor is there and, perhaps over
  // other former codes, ends at one in force. InvalidArgument names the line
  // and what is wrong with it, in Chinese.
  static absl::StatusOr<std::unique_ptr<CodeTable>> Parse(CodeTableInfo info,
                                                          std::string tsv);

  const std::string& system() const { return info_.system; }
  const std::string& version() const { return info_.version; }
  const CodeTableInfo& info() const { return info_; }
  const std::string& text() const { return text_; }
  int32_t max_level() const { return max_level_; }
  // Codes in force, sorted.
  std::span<const CodeEntry> entries() const {
    return std::span(entries_).first(in_force_);
  }
  // Former codes, sorted.
  std::span<const CodeEntry> former() const {
    return std::span(entries_).subspan(in_force_);
  }
  // Whether the codes can be those of majors: an optional letter and 2 digits
  // at level 1, 4 at 2, 6 or 7 at 3, each beginning with its parent's.
  bool IsMajorCatalogue() const { return majors_; }

  enum class Former {
    kUnknown,  // like a code that never was
    kFollow,   // stands for the code in force that took its place
    kItself,   // the former code's own line
  };
  // Exact, but for what is only spelling: the K and T suffixes of majors
  // ("080904K"), missing zeros of a region ("44", "4401"), the 00 behind a 一级
  // 学科 ("085400"), letter case. nullptr if unknown.
  const CodeEntry* Find(std::string_view code,
                        Former former = Former::kUnknown) const;

  // All entries with this name or alias, broadest first; spaces, brackets'
  // width and letter case do not matter. A name that only former codes bear
  // gives their successors. Empty if unknown.
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

  struct Likeness {
    const CodeEntry* entry = nullptr;
    double score = 0;  // above 0, at most 1
  };
  // Up to `n` entries in force whose code or name is most like `text`, best
  // first, ties by code. Linear in the table: not for the hot path.
  std::vector<Likeness> MostLike(std::string_view text, size_t n) const;
  // The same without the scores, for error messages.
  std::vector<const CodeEntry*> Nearest(std::string_view text, size_t n) const;

 private:
  friend class CodeTableParser;
  CodeTable() = default;

  const CodeEntry* Lookup(std::string_view code) const;
  const CodeEntry* FindSpelt(std::string_view code) const;

  CodeTableInfo info_;
  std::string text_;  // what the views point into
  int32_t max_level_ = 0;
  bool majors_ = false;
  size_t in_force_ = 0;
  std::vector<CodeEntry> entries_;  // in force, then former
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
