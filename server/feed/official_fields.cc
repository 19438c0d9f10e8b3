#include "server/feed/official_fields.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "matcher/ingest/condition_proto.h"
#include "matcher/text/parse_condition.h"
#include "matcher/text/parse_major_list.h"
#include "matcher/text/scan.h"
#include "server/feed/field_helpers.h"

namespace gradmatch {
namespace {

constexpr int kDoctor = 6;
constexpr unsigned kAllLevels = 0b1111110;  // bit l for level l

struct LevelWord {
  std::string_view word;
  unsigned levels;
};
constexpr LevelWord kLevelWords[] = {
    {"博士研究生", 1u << 6}, {"硕士研究生", 1u << 5},  {"研究生", 3u << 5},
    {"博士", 1u << 6},       {"硕士", 1u << 5},        {"大学本科", 1u << 4},
    {"本科", 1u << 4},       {"学士", 1u << 4},        {"大学专科", 1u << 3},
    {"大专", 1u << 3},       {"专科", 1u << 3},        {"高职", 1u << 3},
    {"中专", 1u << 2},       {"高中", 1u << 2},        {"中技", 1u << 2},
    {"职高", 1u << 2},       {"技校", 1u << 2},        {"中等职业", 1u << 2},
    {"初中", 1u << 1},       {"不限", kAllLevels},     {"无要求", kAllLevels},
    {"无限制", kAllLevels},  {"相应学位", kAllLevels}, {"对应学位", kAllLevels},
    {"无", kAllLevels}};

int Lowest(unsigned levels) {
  int level = 1;
  while ((levels >> level & 1) == 0) ++level;
  return level;
}
int Highest(unsigned levels) {
  int level = kDoctor;
  while ((levels >> level & 1) == 0) --level;
  return level;
}
unsigned Between(int low, int high) {
  unsigned levels = 0;
  for (int l = low; l <= high; ++l) levels |= 1u << l;
  return levels;
}

unsigned LevelsAt(std::string_view text, size_t& at) {
  const LevelWord* longest = nullptr;
  for (const LevelWord& word : kLevelWords) {
    if (!text.substr(at).starts_with(word.word)) continue;
    if (longest == nullptr || word.word.size() > longest->word.size()) {
      longest = &word;
    }
  }
  if (longest == nullptr) return 0;
  at += longest->word.size();
  return longest->levels;
}

// "大专、本科", "本科以上", "研究生", "硕士研究生及以上"; 0 when a word was not
// understood.
unsigned LevelsOf(std::string_view raw) {
  const std::string text = CompactForm(raw);
  unsigned levels = 0;
  for (size_t i = 0; i < text.size();) {
    unsigned named = LevelsAt(text, i);
    if (named != 0) {
      if (SkipAny(text, i, {"及其以上", "(含)以上", "及以上", "以上"})) {
        named = Between(Lowest(named), kDoctor);
      } else if (SkipAny(text, i, {"及其以下", "及以下", "以下"})) {
        named = Between(1, Highest(named));
      } else if (SkipRangeSign(text, i)) {
        const unsigned last = LevelsAt(text, i);
        if (last == 0) return 0;
        named = Between(Lowest(named), Highest(last));
      }
      levels |= named;
    } else if (!SkipAny(text, i,
                        {"、",       ",",    ";",      "/",    "或者",
                         "或",       "和",   "及",     "仅限", "限",
                         "学历",     "学位", "全日制", "普通", "高等教育",
                         "国民教育", "毕业", "取得",   "具有", "并",
                         "与",       "的",   "(",      ")",    "及以上学位"})) {
      return 0;
    }
  }
  return levels;
}

bool Contiguous(unsigned levels) {
  return levels == Between(Lowest(levels), Highest(levels));
}

std::string_view Text(const RuleInput& in, size_t column) {
  return column < in.texts.size() ? std::string_view(in.texts[column])
                                  : std::string_view();
}

bool SaysNo(std::string_view text) {
  const std::string form = CompactForm(text);
  return form.empty() || form == "否" || form == "无" || form == "不限" ||
         form == "无要求" || form == "无限制" || form == "不要求" ||
         form == "-" || form == "/";
}

v1::PostingCondition& AddCondition(v1::PostingCondition::Kind kind,
                                   std::string_view raw, MappedPosting& out) {
  v1::PostingCondition& condition = *out.posting.add_conditions();
  condition.set_kind(kind);
  condition.set_raw(std::string(raw));
  return condition;
}

void AddUnread(std::string_view text, MappedPosting& out) {
  AddCondition(v1::PostingCondition::KIND_UNSPECIFIED, text, out);
}

v1::MajorRequirement::Group* AddGroup(std::initializer_list<int> levels,
                                      MappedPosting& out) {
  v1::MajorRequirement::Group* group =
      out.posting.mutable_majors()->add_groups();
  for (int level : levels) {
    group->add_levels(static_cast<v1::EducationLevel>(level));
  }
  return group;
}

struct MajorColumn {
  std::string_view system;
  std::initializer_list<int> levels;
};
const MajorColumn kMajorColumns[] = {
    {"gd2025-A", {5, 6}}, {"gd2025-B", {4}}, {"gd2025-C", {3}}};

// One level's list; counts its entries.
void AddMajors(const RuleInput& in, const MajorColumn& column,
               std::string_view text, EntryReading& entries,
               MappedPosting& out) {
  const MajorList list = ParseMajorList(text, column.system);
  v1::MajorRequirement::Group& group = *AddGroup(column.levels, out);
  group.set_any_major(list.any);
  for (const MajorCode& major : list.codes) {
    v1::Code& code = *group.add_codes();
    code.set_system(major.system);
    code.set_code(major.code);
  }
  for (const std::string& name : list.texts) {
    v1::Code& code = *group.add_codes();
    code.set_system(std::string(column.system));
    code.set_display(name);
    NotUnderstood(in, name, "专业目录中的名称或代码，如 法学(A0301)", out);
    entries.unread.push_back(name);
  }
  for (const std::string& renamed : list.renamed) {
    out.issues.push_back(
        MakeIssue(kIssueAssumed, in.rule.target, renamed,
                  "名称与目录中该代码的名称不一致，已按代码理解"));
  }
  entries.entries += list.entries;
}

}  // namespace

FieldReading ReadOfficialLevels(const RuleInput& in, MappedPosting& out) {
  const std::string_view education = Text(in, 0);
  const std::string_view degree = Text(in, 1);
  if (education.empty() && degree.empty()) return FieldReading::kAbsent;
  const unsigned by_education =
      education.empty() ? kAllLevels : LevelsOf(education);
  const unsigned by_degree = degree.empty() ? kAllLevels : LevelsOf(degree);
  const unsigned both = by_education & by_degree;
  v1::EducationRequirement& asked = *out.posting.mutable_education();
  if (both == 0 || !Contiguous(both)) {
    const std::string raw = absl::StrCat(A(education), " ", A(degree));
    asked.set_raw(raw);
    NotUnderstood(in, raw, "大专，本科，本科以上，研究生；学士以上，硕士", out);
    return FieldReading::kRaw;
  }
  asked.set_min_level(static_cast<v1::EducationLevel>(Lowest(both)));
  if (Highest(both) != kDoctor) {
    asked.set_max_level(static_cast<v1::EducationLevel>(Highest(both)));
  }
  return FieldReading::kUnderstood;
}

FieldReading ReadMajorsByLevel(const RuleInput& in, MappedPosting& out) {
  EntryReading entries{.field = in.rule.target};
  for (size_t c = 0; c < std::size(kMajorColumns); ++c) {
    const std::string_view text = Text(in, c);
    if (!text.empty()) AddMajors(in, kMajorColumns[c], text, entries, out);
  }
  if (out.posting.majors().groups().empty()) {
    // Nobody at all is not what is meant.
    out.posting.mutable_majors()->set_raw("专业栏为空，见公告");
    NotUnderstood(in, "", "专业目录中的名称或代码，或 不限", out);
    return FieldReading::kRaw;
  }
  const bool all = entries.unread.empty();
  out.entries.push_back(std::move(entries));
  return all ? FieldReading::kUnderstood : FieldReading::kRaw;
}

FieldReading ReadConditions(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  const ParsedConditions read = ParseConditions(text);
  EntryReading entries{.field = in.rule.target, .entries = read.pieces};
  for (const ParsedCondition& from : read.conditions) {
    ToProto(from, *out.posting.add_conditions());
    if (from.kind != ConditionKind::kUnread) continue;
    NotUnderstood(in, from.raw, "中共党员，男性，35周岁以下，英语专业八级",
                  out);
    entries.unread.push_back(from.raw);
  }
  for (int year : read.graduation_years) {
    out.posting.add_graduation_years(year);
  }
  if (read.experience_months > out.posting.experience_months()) {
    out.posting.set_experience_months(read.experience_months);
  }
  out.entries.push_back(std::move(entries));
  return read.unread == 0 ? FieldReading::kUnderstood : FieldReading::kRaw;
}

FieldReading ReadFreshGraduates(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = Text(in, 0);
  if (text.empty()) return FieldReading::kAbsent;
  if (SaysNo(text)) return FieldReading::kUnderstood;
  int year = 0;
  const std::string stated = CompactForm(Text(in, 1));
  if (!absl::SimpleAtoi(stated.substr(0, 4), &year)) year = 0;
  const std::string form = CompactForm(text);
  if (form == "是" || form == "应届毕业生" || form == "应届" ||
      form == "应届高校毕业生") {
    v1::PostingCondition& fresh =
        AddCondition(v1::PostingCondition::KIND_EMPLOYMENT, "应届毕业生", out);
    fresh.add_any_of("fresh-graduate");
    if (year >= 2000 && year <= 2100) fresh.set_min(year);
    return FieldReading::kUnderstood;
  }
  const ParsedConditions read = ParseConditions(text);
  for (const ParsedCondition& from : read.conditions) {
    ToProto(from, *out.posting.add_conditions());
  }
  for (int of_class : read.graduation_years) {
    out.posting.add_graduation_years(of_class);
  }
  if (read.unread == 0) return FieldReading::kUnderstood;
  NotUnderstood(in, text, "否，应届毕业生，2025届高校毕业生", out);
  return FieldReading::kRaw;
}

FieldReading ReadGrassroots(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  if (SaysNo(text)) return FieldReading::kUnderstood;
  // "是" answers the column's question: 是否要求2年以上基层工作经历.
  const std::string form = CompactForm(text);
  const std::string asked =
      form == "是" ? CompactForm(in.rule.from[0]) : std::string(form);
  std::optional<double> years;
  for (size_t i = 0; i < asked.size() && !years.has_value(); ++i) {
    size_t at = i;
    years = ReadNumber(asked, at);
    if (years.has_value() && !SkipAny(asked, at, {"年", "周年"})) {
      years = std::nullopt;
    }
  }
  if (!years.has_value() && form == "是") years = 2;
  if (!years.has_value() || *years < 0 || *years > 20) {
    AddUnread(text, out);
    NotUnderstood(in, text, "是，否，2年", out);
    return FieldReading::kRaw;
  }
  const int months = static_cast<int>(*years * 12);
  AddCondition(v1::PostingCondition::KIND_GRASSROOTS,
               absl::StrCat(months / 12, "年以上基层工作经历"), out)
      .set_min(months);
  return FieldReading::kUnderstood;
}

FieldReading ReadTests(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  if (SaysNo(text)) return FieldReading::kUnderstood;
  if (CompactForm(text) != "是") {
    AddUnread(text, out);
    NotUnderstood(in, text, "是，否", out);
    return FieldReading::kRaw;
  }
  AddCondition(v1::PostingCondition::KIND_UNDERTAKING, "需开展心理素质测评",
               out)
      .add_any_of("accepts-tests");
  return FieldReading::kUnderstood;
}

FieldReading ReadWholeNumber(const RuleInput& in, MappedPosting& out) {
  std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  if (text.ends_with(".0") && AllDigits(text.substr(0, text.size() - 2))) {
    text.remove_suffix(2);
  }
  out.posting.set_source_posting_id(std::string(text));
  return FieldReading::kUnderstood;
}

}  // namespace gradmatch
