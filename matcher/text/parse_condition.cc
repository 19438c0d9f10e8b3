#include "matcher/text/parse_condition.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/text/condition_readers.h"
#include "matcher/text/condition_words.h"
#include "matcher/text/normalize.h"
#include "matcher/text/scan.h"

namespace gradmatch {
namespace {

using namespace condition_readers;

constexpr size_t kMaxField = 8192;
constexpr size_t kMaxPiece = 1500;
constexpr size_t kMaxText = 65536;

// --- One piece ---

struct Reader {
  ParsedConditions& out;

  bool Whole(std::string_view form, Conditions& conditions) {
    if (form.empty() || form == "无" || form == "不限" || form == "-" ||
        form == "无要求" || form == "无限制" || form == "/" || form == "—" ||
        form == "否" || form == "无其他要求") {
      return true;
    }
    // A preference excludes nobody.
    if (form.ends_with("优先") || form.ends_with("优先考虑")) return true;
    // Before the peoples: 少数民族语言文学 is a major.
    if (ReadDirections(form, conditions)) return true;
    if (IsOfPersons(form)) {
      conditions.push_back(Make(ConditionKind::kPerson));
      return true;
    }
    for (const auto read : {ReadAge, ReadUndertaking, ReadBachelor}) {
      if (auto condition = read(form); condition.has_value()) {
        conditions.push_back(*std::move(condition));
        return true;
      }
    }
    return ReadService(form, conditions, out.experience_months) ||
           ReadClass(form, conditions, out.graduation_years) ||
           ReadDirections(form, conditions) || Otherwise(form, conditions) ||
           OfSome(form, conditions) || Codes(form, conditions);
  }

  bool Codes(std::string_view form, Conditions& conditions) {
    const auto read = ReadConditionCodes(form);
    for (const std::vector<std::string>& any_of : read) {
      conditions.push_back(Make(ConditionKindOf(any_of[0]), any_of));
    }
    return !read.empty() || NotOfTheParty(form, conditions);
  }

  // "非中共党员(民主党派仅限民革党员)": of the other parties this one alone.
  bool NotOfTheParty(std::string_view form, Conditions& conditions) {
    Cursor in{form};
    if (!in.EatAny({"非中共党员(民主党派仅限", "非中共党员(民主党派限"})) {
      return false;
    }
    const std::string_view rest = form.substr(in.at);
    if (!rest.ends_with(")")) return false;
    const auto read = ReadConditionCodes(rest.substr(0, rest.size() - 1));
    if (read.size() != 1 || read[0].size() != 1) return false;
    conditions.push_back(
        Make(ConditionKind::kPoliticalStatus,
             {read[0][0], "league-member", "nonpartisan", "masses"}));
    return true;
  }

  // "通过法律职业资格考试,未通过的录用后需在录用单位工作满5年".
  bool Otherwise(std::string_view form, Conditions& conditions) {
    for (std::string_view word : {",未通过的", ",未取得的", ",未通过者"}) {
      const size_t at = form.find(word);
      if (at == std::string_view::npos) continue;
      Conditions first;
      const auto second = ReadUndertaking(form.substr(at + word.size()));
      if (!Codes(form.substr(0, at), first) || first.size() != 1 ||
          !second.has_value()) {
        return false;
      }
      first[0].any_of.insert(first[0].any_of.end(), second->any_of.begin(),
                             second->any_of.end());
      conditions.push_back(std::move(first[0]));
      return true;
    }
    return false;
  }

  // "法学专业报考者须...", "研究生报考者...": of some graduates only.
  bool OfSome(std::string_view form, Conditions& conditions) {
    const size_t word = form.find("报考者");
    if (word == std::string_view::npos || word == 0) return false;
    ParsedCondition some;
    if (!Who(form.substr(0, word), some)) return false;
    Cursor in{form, word + std::string_view("报考者").size()};
    in.EatAny({",", ":"});
    Conditions asked;
    if (!Whole(form.substr(in.at), asked) || asked.empty()) return false;
    for (ParsedCondition& condition : asked) {
      if (!condition.levels.empty() || !condition.majors.empty()) return false;
      condition.levels = some.levels;
      condition.majors = some.majors;
      conditions.push_back(std::move(condition));
    }
    return true;
  }

  static bool Who(std::string_view who, ParsedCondition& some) {
    constexpr std::pair<std::string_view, std::pair<int, int>> kLevels[] = {
        {"博士研究生", {6, 6}}, {"硕士研究生", {5, 5}}, {"研究生", {5, 6}},
        {"博士", {6, 6}},       {"硕士", {5, 5}},       {"大学本科", {4, 4}},
        {"本科", {4, 4}},       {"大专", {3, 3}},       {"专科", {3, 3}}};
    for (std::string_view lead : {"以", "具有"}) {
      if (who.starts_with(lead)) who.remove_prefix(lead.size());
    }
    for (const auto& [name, range] : kLevels) {
      if (who != name && who != absl::StrCat(A(name), "学历")) continue;
      for (int level = range.first; level <= range.second; ++level) {
        some.levels.push_back(level);
      }
      return true;
    }
    constexpr std::string_view kMajor = "专业";
    if (!who.ends_with(kMajor)) return false;
    who.remove_suffix(kMajor.size());
    while (!who.empty()) {
      size_t end = who.find("、");
      size_t skip = std::string_view("、").size();
      if (end == std::string_view::npos) end = who.size(), skip = 0;
      const size_t before = some.majors.size();
      AddMajorsNamed(who.substr(0, end), some.majors);
      if (some.majors.size() == before) return false;
      who.remove_prefix(end + skip);
    }
    return !some.majors.empty();
  }
};

// --- Pieces of a field ---

std::string_view Trim(std::string_view text) {
  for (bool more = true; more && !text.empty();) {
    more = false;
    for (std::string_view blank : {" ", "\t", "\r", "\n", "\u3000"}) {
      while (text.starts_with(blank))
        text.remove_prefix(blank.size()), more = true;
      while (text.ends_with(blank))
        text.remove_suffix(blank.size()), more = true;
    }
  }
  return text;
}

// The piece to be read: no number or heading before, no full stop behind.
std::string FormOf(std::string_view piece) {
  std::string form = CompactForm(piece, kMaxPiece);
  std::string_view view = form;
  size_t digits = 0;
  while (digits < view.size() && view[digits] >= '0' && view[digits] <= '9') {
    ++digits;
  }
  if (digits > 0 && digits <= 2) {
    const std::string_view rest = view.substr(digits);
    for (std::string_view mark : {"、", ".", ")"}) {
      if (rest.starts_with(mark) && !rest.substr(mark.size()).empty()) {
        view = rest.substr(mark.size());
        break;
      }
    }
  }
  for (std::string_view heading : {"其他要求:", "备注:", "其他:", "要求:"}) {
    if (view.starts_with(heading)) view.remove_prefix(heading.size());
  }
  while (view.ends_with("。") || view.ends_with(".")) {
    view.remove_suffix(view.ends_with(".") ? 1 : 3);
  }
  return std::string(view);
}

// Whole if it can be, else in parts at its commas if each of them can be:
// what stands behind a comma may be an exception to what stands before it.
bool ReadPiece(std::string_view piece, ParsedConditions& out) {
  Conditions read;
  Reader reader{out};
  const std::string form = FormOf(piece);
  if (form.empty() && !Trim(piece).empty()) return false;  // too long
  if (reader.Whole(form, read)) {
    for (ParsedCondition& condition : read) {
      condition.raw = std::string(Trim(piece));
      out.conditions.push_back(std::move(condition));
    }
    return true;
  }
  const auto parts = Split(piece, {",", "，"});
  if (parts.size() == 1) return false;
  ParsedConditions all;
  Reader each{all};
  for (std::string_view part : parts) {
    const size_t before = all.conditions.size();
    if (!each.Whole(FormOf(part), all.conditions)) return false;
    for (size_t i = before; i < all.conditions.size(); ++i) {
      all.conditions[i].raw = std::string(Trim(part));
    }
  }
  out.conditions.insert(out.conditions.end(), all.conditions.begin(),
                        all.conditions.end());
  out.graduation_years.insert(out.graduation_years.end(),
                              all.graduation_years.begin(),
                              all.graduation_years.end());
  out.experience_months =
      std::max(out.experience_months, all.experience_months);
  return true;
}

void DropRepeats(Conditions& conditions) {
  Conditions kept;
  for (ParsedCondition& condition : conditions) {
    if (std::find(kept.begin(), kept.end(), condition) == kept.end()) {
      kept.push_back(std::move(condition));
    }
  }
  conditions = std::move(kept);
}

}  // namespace

ParsedConditions ParseConditions(std::string_view text) {
  ParsedConditions out;
  if (text.size() > kMaxField) {
    out.pieces = out.unread = 1;
    out.conditions.push_back({.raw = std::string(CutUtf8(text, 200))});
    return out;
  }
  for (std::string_view piece : Split(text, {";", "；", "\n", "。"})) {
    piece = Trim(piece);
    if (piece.empty()) continue;
    ++out.pieces;
    if (ReadPiece(piece, out)) continue;
    ++out.unread;
    out.conditions.push_back({.raw = std::string(piece)});
  }
  DropRepeats(out.conditions);
  return out;
}

ParsedConditions FindConditionsInText(std::string_view text) {
  ParsedConditions out;
  if (text.size() > kMaxText) return out;
  for (std::string_view piece :
       Split(text, {";", "；", "\n", "。", ",", "，"})) {
    piece = Trim(piece);
    if (piece.empty() || piece.size() > 200) continue;
    ParsedConditions read;
    if (!ReadPiece(piece, read)) continue;
    for (ParsedCondition& condition : read.conditions) {
      // Duties of the work and wishes look like these in a free text.
      if (condition.kind == ConditionKind::kUndertaking ||
          condition.kind == ConditionKind::kPerson) {
        continue;
      }
      out.conditions.push_back(std::move(condition));
    }
  }
  DropRepeats(out.conditions);
  return out;
}

ConditionKind ConditionKindOf(std::string_view code) {
  const CodeTable& table = *CodeTable::BuiltIn("condition");
  const CodeEntry* entry = table.Find(code);
  while (entry != nullptr && entry->level > 1) entry = table.Parent(*entry);
  if (entry == nullptr) return ConditionKind::kUnread;
  constexpr std::pair<std::string_view, ConditionKind> kGroups[] = {
      {"political", ConditionKind::kPoliticalStatus},
      {"sex", ConditionKind::kSex},
      {"employment", ConditionKind::kEmployment},
      {"service", ConditionKind::kService},
      {"school", ConditionKind::kSchool},
      {"bachelor", ConditionKind::kBachelor},
      {"undertaking", ConditionKind::kUndertaking}};
  for (const auto& [group, kind] : kGroups) {
    if (entry->code == group) return kind;
  }
  return ConditionKind::kCertificate;
}

}  // namespace gradmatch
