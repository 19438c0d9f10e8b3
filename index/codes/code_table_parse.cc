// The text of a code table, read and checked line by line, then as a whole.
#include <algorithm>
#include <cctype>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "index/codes/name_key.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxCode = 48;
constexpr size_t kMaxName = 600;  // bytes, 200 characters of Han
constexpr int kMaxLevel = 9;

struct Row {
  int line = 0;
  CodeEntry entry;
  std::string_view parent;
};

absl::Status Wrong(const CodeTableInfo& info, int line, std::string_view what,
                   std::string_view seen, std::string_view allowed) {
  FieldError error;
  error.field = "table";
  error.value = absl::StrCat(A(info.system), " ", A(info.version), " 第 ", line,
                             " 行 ", A(what), " ", A(seen));
  error.allowed = std::string(allowed);
  return InvalidField(kCodeTableInvalid, error);
}

bool IsCode(std::string_view code) {
  return !code.empty() && code.size() <= kMaxCode &&
         std::all_of(code.begin(), code.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
         });
}

// The seven cells of a line; the last is empty when there are six. False when
// there are others.
bool Split(std::string_view line, std::string_view (&cells)[7]) {
  size_t n = 0;
  for (; n < 7; ++n) {
    const size_t tab = line.find('\t');
    cells[n] = line.substr(0, tab);
    if (tab == std::string_view::npos) break;
    line.remove_prefix(tab + 1);
  }
  return n == 5 || n == 6;
}

// Whether codes and hierarchy are those of majors: what eligibility reads from
// the digits must be what the table says.
bool HasMajorShape(std::span<const CodeEntry> entries) {
  for (const CodeEntry& entry : entries) {
    std::string_view digits = entry.code;
    if (std::isalpha(static_cast<unsigned char>(digits[0])) != 0) {
      digits.remove_prefix(1);
    }
    const size_t want = 2 * static_cast<size_t>(entry.level);
    const bool size_fits =
        digits.size() == want || (entry.level == 3 && digits.size() == 7);
    if (entry.level > 3 || !size_fits ||
        !std::all_of(digits.begin(), digits.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; })) {
      return false;
    }
    if (entry.level > 1 &&
        (entry.parent < 0 ||
         !entry.code.starts_with(entries[entry.parent].code))) {
      return false;
    }
  }
  return !entries.empty();
}

}  // namespace

class CodeTableParser {
 public:
  explicit CodeTableParser(CodeTableInfo info, std::string tsv)
      : table_(new CodeTable()) {
    table_->info_ = std::move(info);
    table_->text_ = std::move(tsv);
  }

  absl::StatusOr<std::unique_ptr<CodeTable>> Run() && {
    absl::Status status = ReadLines();
    if (status.ok()) status = Place();
    if (status.ok()) status = LinkParents();
    if (status.ok()) status = CheckSuccessors();
    if (!status.ok()) return status;
    IndexNames();
    table_->majors_ = HasMajorShape(table_->entries());
    return std::move(table_);
  }

 private:
  absl::Status Fault(int line, std::string_view what, std::string_view seen,
                     std::string_view allowed) const {
    return Wrong(table_->info_, line, what, seen, allowed);
  }

  absl::Status ReadLines() {
    std::string_view text = table_->text_;
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    for (int line = 1; !text.empty(); ++line) {
      const size_t end = text.find('\n');
      std::string_view cut = text.substr(0, end);
      text = end == std::string_view::npos ? "" : text.substr(end + 1);
      if (cut.ends_with('\r')) cut.remove_suffix(1);
      if (cut.empty()) continue;
      absl::Status status = ReadLine(line, cut);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  absl::Status ReadLine(int line, std::string_view text) {
    std::string_view cells[7];
    if (!Split(text, cells)) {
      return Fault(line, "列数", text,
                   "用制表符隔开的 6 或 7 列：代码、上级代码、级别、名称、"
                   "别名、说明、后继代码");
    }
    Row row;
    row.line = line;
    row.parent = cells[1];
    row.entry = {.code = cells[0],
                 .name = cells[3],
                 .aliases = cells[4],
                 .note = cells[5],
                 .successor = cells[6]};
    const char* end = cells[2].data() + cells[2].size();
    const auto [p, ec] = std::from_chars(cells[2].data(), end, row.entry.level);
    if (ec != std::errc() || p != end || row.entry.level < 1 ||
        row.entry.level > kMaxLevel) {
      return Fault(line, "级别", cells[2], "1 至 9 的整数，1 最宽");
    }
    if (!IsCode(row.entry.code)) {
      return Fault(line, "代码", row.entry.code,
                   "1 至 48 个字符，限 A-Z a-z 0-9 . _ -");
    }
    if (row.entry.name.empty() || row.entry.name.size() > kMaxName) {
      return Fault(line, "名称", row.entry.name, "1 至 600 字节");
    }
    rows_.push_back(row);
    return absl::OkStatus();
  }

  // Sorts the lines: in force before former, each by code.
  absl::Status Place() {
    std::sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) {
      const bool a_former = !a.entry.successor.empty();
      const bool b_former = !b.entry.successor.empty();
      return a_former != b_former ? b_former : a.entry.code < b.entry.code;
    });
    for (const Row& row : rows_) {
      const int32_t place = static_cast<int32_t>(table_->entries_.size());
      const auto [at, added] = table_->by_code_.emplace(row.entry.code, place);
      if (!added) {
        return Fault(std::max(row.line, rows_[at->second].line), "代码",
                     row.entry.code, "每个代码只写一行");
      }
      table_->entries_.push_back(row.entry);
      table_->max_level_ = std::max(table_->max_level_, row.entry.level);
      if (row.entry.successor.empty()) ++table_->in_force_;
    }
    return absl::OkStatus();
  }

  bool InForce(int32_t place) const {
    return static_cast<size_t>(place) < table_->in_force_;
  }

  absl::Status LinkParents() {
    table_->children_.resize(table_->in_force_);
    for (size_t i = 0; i < rows_.size(); ++i) {
      CodeEntry& entry = table_->entries_[i];
      const Row& row = rows_[i];
      const bool in_force = entry.successor.empty();
      if (row.parent.empty()) {
        if (entry.level == 1 || !in_force) continue;
        return Fault(row.line, "上级代码", "（空）", "第 2 级起写出上级代码");
      }
      const auto parent = table_->by_code_.find(row.parent);
      if (parent == table_->by_code_.end() ||
          table_->entries_[parent->second].level >= entry.level ||
          (in_force && !InForce(parent->second))) {
        return Fault(row.line, "上级代码", row.parent,
                     "表中有效的、级别更宽的代码");
      }
      entry.parent = parent->second;
      if (in_force) {
        table_->children_[entry.parent].push_back(static_cast<int32_t>(i));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckSuccessors() const {
    for (size_t i = table_->in_force_; i < rows_.size(); ++i) {
      std::string_view next = table_->entries_[i].successor;
      // A chain longer than the table runs in a circle.
      for (size_t steps = 0;; ++steps) {
        const auto found = table_->by_code_.find(next);
        if (found == table_->by_code_.end() || steps > rows_.size()) {
          return Fault(rows_[i].line, "后继代码", rows_[i].entry.successor,
                       "表中的代码，沿后继可到达一个有效代码");
        }
        if (InForce(found->second)) break;
        next = table_->entries_[found->second].successor;
      }
    }
    return absl::OkStatus();
  }

  void IndexNames() {
    for (size_t i = 0; i < table_->in_force_; ++i) {
      const auto index = [&](std::string_view name) {
        AddPlace(table_->by_name_[TableNameKey(name)], static_cast<int32_t>(i));
      };
      index(table_->entries_[i].name);
      ForEachPart(table_->entries_[i].aliases, '|', index);
    }
    IndexFormerNames();
    for (auto& [name, places] : table_->by_name_) {
      std::stable_sort(places.begin(), places.end(), [&](int32_t a, int32_t b) {
        return table_->entries_[a].level < table_->entries_[b].level;
      });
    }
  }

  // Names that nothing in force bears lead to the successors.
  void IndexFormerNames() {
    std::unordered_map<std::string, std::vector<int32_t>> former;
    for (const CodeEntry& entry : table_->former()) {
      const CodeEntry* now =
          table_->Find(entry.code, CodeTable::Former::kFollow);
      const auto index = [&](std::string_view name) {
        AddPlace(former[TableNameKey(name)],
                 static_cast<int32_t>(now - table_->entries_.data()));
      };
      index(entry.name);
      ForEachPart(entry.aliases, '|', index);
    }
    for (auto& [name, places] : former) {
      table_->by_name_.try_emplace(name, std::move(places));
    }
  }

  static void AddPlace(std::vector<int32_t>& places, int32_t place) {
    if (std::find(places.begin(), places.end(), place) == places.end()) {
      places.push_back(place);
    }
  }

  std::unique_ptr<CodeTable> table_;
  std::vector<Row> rows_;
};

absl::StatusOr<std::unique_ptr<CodeTable>> CodeTable::Parse(CodeTableInfo info,
                                                            std::string tsv) {
  return CodeTableParser(std::move(info), std::move(tsv)).Run();
}

}  // namespace gradmatch
