#include "matcher/words.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/major_codes.h"
#include "matcher/posting_keys.h"

namespace gradmatch {
namespace {

void AddNew(std::string word, std::vector<std::string>& words) {
  if (word.empty()) return;
  if (std::find(words.begin(), words.end(), word) == words.end()) {
    words.push_back(std::move(word));
  }
}

// 市辖区, 县 and 省直辖县级行政区划 stand for no place of their own.
bool NamesNoPlace(const CodeEntry& region) {
  return region.name == "市辖区" || region.name == "县" ||
         region.name.find("直辖县级") != std::string_view::npos;
}

}  // namespace

std::string_view LevelWord(int level) {
  constexpr std::string_view kWords[] = {"未说明", "初中", "高中/中专", "大专",
                                         "本科",   "硕士", "博士"};
  return level >= 0 && level <= 6 ? kWords[level] : kWords[0];
}

std::string LevelRangeWords(int min_level, int max_level) {
  if (min_level <= 1 && max_level == 0) return "不限";
  if (max_level == 0) return absl::StrCat(A(LevelWord(min_level)), "及以上");
  if (min_level == max_level)
    return absl::StrCat("仅限", A(LevelWord(max_level)));
  if (min_level <= 1) return absl::StrCat(A(LevelWord(max_level)), "及以下");
  return absl::StrCat(A(LevelWord(min_level)), "至", A(LevelWord(max_level)));
}

std::string_view PostingKindWord(int kind) {
  constexpr std::string_view kWords[] = {
      "普通岗位", "校招岗位", "实习见习", "公开招聘", "基层项目",
      "科研助理", "征兵",     "灵活就业", "特岗教师", "三支一扶",
      "西部计划", "城乡社区", "乡村医生", "国聘行动"};
  static_assert(std::size(kWords) == v1::PostingKind_ARRAYSIZE);
  return v1::PostingKind_IsValid(kind) ? kWords[kind] : kWords[0];
}

std::string_view EmployerKindWord(int kind) {
  constexpr std::string_view kWords[] = {"未说明",   "机关",     "事业单位",
                                         "国有企业", "民营企业", "外资企业",
                                         "其他组织"};
  return kind >= 0 && kind <= 6 ? kWords[kind] : kWords[0];
}

std::string MonthsWords(int months) {
  if (months <= 0) return "无";
  std::string words;
  if (months >= 12) words = absl::StrCat(months / 12, " 年");
  if (months % 12 != 0) {
    if (!words.empty()) words += ' ';
    absl::StrAppend(&words, months % 12, " 个月");
  }
  return words;
}

std::string PayWords(const v1::Salary& salary) {
  const int min = salary.min_monthly();
  const int max = salary.max_monthly();
  if (min > 0 && max > min) return absl::StrCat(min, "-", max, " 元/月");
  if (max > 0) return absl::StrCat(max, " 元/月");
  if (min > 0) return absl::StrCat(min, " 元/月以上");
  return "面议";
}

std::string JoinWords(std::span<const std::string> words, size_t most) {
  std::string joined;
  for (size_t i = 0; i < words.size() && i < most; ++i) {
    absl::StrAppend(&joined, i == 0 ? "" : "、", words[i]);
  }
  if (words.size() > most) absl::StrAppend(&joined, "等 ", words.size(), " 项");
  return joined;
}

std::string PlaceWord(const v1::Code& region) {
  const CodeTable* table = CodeTable::Get("region");
  const std::string digits = RegionDigits(region.code());
  const CodeEntry* entry =
      table == nullptr || digits.empty() ? nullptr : table->Find(digits);
  if (entry == nullptr) return CodeName(region);
  const CodeEntry* above = table->Parent(*entry);
  while (above != nullptr && NamesNoPlace(*above)) {
    above = table->Parent(*above);
  }
  v1::Code city;
  if (above != nullptr) city.set_code(std::string(above->code));
  if (NamesNoPlace(*entry)) return PlaceWord(city);
  // A county's short name alone (鼓楼) says little: the city goes before it.
  const std::string_view alias =
      entry->aliases.substr(0, entry->aliases.find('|'));
  if (entry->level < 3 || above == nullptr) {
    return std::string(alias.empty() ? entry->name : alias);
  }
  const std::string before = PlaceWord(city);
  return entry->name.starts_with(before) ? std::string(entry->name)
                                         : before + std::string(entry->name);
}

std::vector<std::string> PlaceWords(const v1::Posting& posting) {
  std::vector<std::string> words;
  for (const v1::Location& location : posting.locations()) {
    const std::string place = PlaceWord(location.region());
    AddNew(place.empty() ? location.address() : place, words);
  }
  return words;
}

std::vector<std::string> FunctionWords(const v1::Posting& posting) {
  std::vector<std::string> words;
  for (const v1::Code& code : posting.functions())
    AddNew(CodeName(code), words);
  return words;
}

}  // namespace gradmatch
