#include "server/feed/field_parsers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "index/base/clock.h"
#include "index/base/strings.h"
#include "index/codes/code_table.h"
#include "matcher/ingest/field_checks.h"
#include "matcher/ingest/normalize_posting.h"
#include "matcher/ingest/proto_times.h"
#include "matcher/text/parse_count.h"
#include "matcher/text/parse_date.h"
#include "matcher/text/parse_degree.h"
#include "matcher/text/parse_experience.h"
#include "matcher/text/parse_salary.h"
#include "server/feed/field_helpers.h"
#include "server/feed/official_fields.h"
#include "server/feed/place_fields.h"
#include "server/feed/word_fields.h"

namespace gradmatch {
namespace {

// --- Texts ---

std::string* TextField(std::string_view target, v1::Posting& p) {
  if (target == "source_posting_id") return p.mutable_source_posting_id();
  if (target == "title") return p.mutable_title();
  if (target == "description") return p.mutable_description();
  if (target == "requirements") return p.mutable_requirements();
  if (target == "apply_url") return p.mutable_apply_url();
  if (target == "employer.name") return p.mutable_employer()->mutable_name();
  if (target == "employer.uscc") return p.mutable_employer()->mutable_uscc();
  return p.mutable_employer()->mutable_size();
}

FieldReading ReadText(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  *TextField(in.rule.target, out.posting) = std::string(text);
  return FieldReading::kUnderstood;
}

FieldReading ReadJoined(const RuleInput& in, MappedPosting& out) {
  std::string joined;
  for (const std::string& text : in.texts) {
    if (text.empty()) continue;
    if (!joined.empty()) {
      joined += in.rule.separator.empty() ? "\n" : in.rule.separator;
    }
    joined += text;
  }
  if (joined.empty()) return FieldReading::kAbsent;
  *TextField(in.rule.target, out.posting) = joined;
  return FieldReading::kUnderstood;
}

FieldReading ReadIndustry(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  // The server completes the code from the name, or flags it.
  v1::Code& code = *out.posting.mutable_employer()->mutable_industry();
  code.set_system("industry");
  code.set_display(std::string(text));
  const CodeTable* table = CodeTable::Get("industry");
  const bool known = table != nullptr && table->FindByName(text).size() == 1;
  return known ? FieldReading::kUnderstood : FieldReading::kRaw;
}

// --- Pay ---

bool SetSalary(const RuleInput& in, std::string_view text,
               const Parsed<Salary>& read, MappedPosting& out) {
  constexpr int64_t kMax = 10'000'000;
  const auto fits = [](const std::optional<int64_t>& pay) {
    return !pay.has_value() || (*pay >= 0 && *pay <= kMax);
  };
  v1::Salary& salary = *out.posting.mutable_salary();
  if (!read.understood() || !fits(read.value->min) || !fits(read.value->max)) {
    salary.set_raw(std::string(text));
    NotUnderstood(in, text, "8000-12000元/月，9K-16K·14薪，15-20万/年，面议",
                  out);
    return false;
  }
  salary.set_min_monthly(static_cast<int32_t>(read.value->min.value_or(0)));
  salary.set_max_monthly(static_cast<int32_t>(read.value->max.value_or(0)));
  salary.set_negotiable(read.value->negotiable);
  if (read.value->months >= 12 && read.value->months <= 36 &&
      !read.value->negotiable) {
    salary.set_months_per_year(read.value->months);
  }
  NoteAssumption(in, text, read, out);
  return true;
}

FieldReading ReadSalary(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  return SetSalary(in, text, ParseSalary(text), out) ? FieldReading::kUnderstood
                                                     : FieldReading::kRaw;
}

std::optional<double> NumberOf(std::string_view text) {
  double number = 0;
  if (text.empty() || !absl::SimpleAtod(A(text), &number)) return std::nullopt;
  return number;
}

// Columns: least, most, number of pays.
FieldReading ReadSalaryNumbers(const RuleInput& in, MappedPosting& out) {
  const auto text = [&](size_t i) {
    return i < in.texts.size() ? std::string_view(in.texts[i])
                               : std::string_view();
  };
  if (text(0).empty() && text(1).empty()) return FieldReading::kAbsent;
  std::string shown = absl::StrCat(A(text(0)), "-", A(text(1)));
  std::optional<int> months;
  if (const auto number = NumberOf(text(2)); number.has_value()) {
    // Any other number, NaN too, is as wrong as one that no int holds.
    const bool sound = *number >= 0 && *number <= 1'000;
    months = sound ? static_cast<int>(*number) : 1'000;
    absl::StrAppend(&shown, "×", *months);
  }
  const Parsed<Salary> read =
      SalaryFromNumbers(NumberOf(text(0)), NumberOf(text(1)), months);
  return SetSalary(in, shown, read, out) ? FieldReading::kUnderstood
                                         : FieldReading::kRaw;
}

// --- Requirements ---

FieldReading ReadDegree(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  v1::EducationRequirement& education = *out.posting.mutable_education();
  const Parsed<DegreeRange> read = ParseDegree(text);
  if (!read.understood()) {
    education.set_raw(std::string(text));
    NotUnderstood(in, text, "学历不限，大专，本科及以上，硕士", out);
    return FieldReading::kRaw;
  }
  education.set_min_level(
      static_cast<v1::EducationLevel>(static_cast<int>(read.value->min)));
  if (read.value->max != EducationLevel::kDoctor) {
    education.set_max_level(
        static_cast<v1::EducationLevel>(static_cast<int>(read.value->max)));
  }
  NoteAssumption(in, text, read, out);
  return FieldReading::kUnderstood;
}

// The server reads the text: codes, "any", what is left over.
FieldReading ReadMajors(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  out.posting.mutable_majors()->set_raw(std::string(text));
  return FieldReading::kUnderstood;
}

FieldReading ReadExperience(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  const Parsed<Experience> read = ParseExperience(text);
  if (!read.understood() || read.value->min_months > 600) {
    NotUnderstood(in, text, "经验不限，1-3年，应届毕业生，或年数", out);
    return FieldReading::kRaw;
  }
  out.posting.set_experience_months(read.value->min_months);
  NoteAssumption(in, text, read, out);
  return FieldReading::kUnderstood;
}

FieldReading ReadHeadcount(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  const Parsed<int> read = ParseHeadcount(text);
  if (!read.understood()) {
    NotUnderstood(in, text, "3人，若干", out);
    return FieldReading::kRaw;
  }
  out.posting.set_openings(*read.value);
  NoteAssumption(in, text, read, out);
  return FieldReading::kUnderstood;
}

FieldReading ReadYears(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  const Parsed<GraduationYears> read = ParseGraduationYears(text);
  if (!read.understood() || read.value->max - read.value->min >= 20) {
    NotUnderstood(in, text, "2026届，2025-2026届", out);
    return FieldReading::kRaw;
  }
  // A class that is welcome beside others (可接受24届) is no condition.
  if (read.certain) {
    for (int year = read.value->min; year <= read.value->max; ++year) {
      out.posting.add_graduation_years(year);
    }
  }
  NoteAssumption(in, text, read, out);
  return FieldReading::kUnderstood;
}

FieldReading ReadKind(const RuleInput& in, MappedPosting& out) {
  static constexpr std::array<std::pair<std::string_view, v1::PostingKind>, 21>
      kWords = {{{"实习", v1::POSTING_KIND_INTERNSHIP},
                 {"见习", v1::POSTING_KIND_INTERNSHIP},
                 {"公招", v1::POSTING_KIND_PUBLIC},
                 {"公务员", v1::POSTING_KIND_PUBLIC},
                 {"选调", v1::POSTING_KIND_PUBLIC},
                 {"事业单位", v1::POSTING_KIND_PUBLIC},
                 {"特岗", v1::POSTING_KIND_RURAL_TEACHER},
                 {"三支一扶", v1::POSTING_KIND_THREE_SUPPORTS},
                 {"西部计划", v1::POSTING_KIND_WESTERN_VOLUNTEER},
                 {"社区", v1::POSTING_KIND_COMMUNITY},
                 {"乡村医生", v1::POSTING_KIND_RURAL_DOCTOR},
                 {"国聘", v1::POSTING_KIND_STATE_RECRUITMENT},
                 {"基层项目", v1::POSTING_KIND_NATIONAL_PROGRAMME},
                 {"基层服务", v1::POSTING_KIND_NATIONAL_PROGRAMME},
                 {"科研助理", v1::POSTING_KIND_RESEARCH_ASSISTANT},
                 {"征兵", v1::POSTING_KIND_MILITARY},
                 {"入伍", v1::POSTING_KIND_MILITARY},
                 {"灵活就业", v1::POSTING_KIND_FLEXIBLE},
                 {"校招", v1::POSTING_KIND_REGULAR},
                 {"全职", v1::POSTING_KIND_REGULAR}}};
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  v1::PostingKind kind;
  if (v1::PostingKind_Parse(absl::StrCat("POSTING_KIND_", A(text)), &kind)) {
    out.posting.set_kind(kind);
    return FieldReading::kUnderstood;
  }
  for (const auto& [word, named] : kWords) {
    if (text.find(word) == std::string_view::npos) continue;
    out.posting.set_kind(named);
    return FieldReading::kUnderstood;
  }
  NotUnderstood(in, text,
                "校招，实习，公招，科研助理，特岗，三支一扶，INTERNSHIP", out);
  return FieldReading::kRaw;
}

FieldReading ReadEmployerKind(const RuleInput& in, MappedPosting& out) {
  static constexpr std::array<std::pair<std::string_view, v1::EmployerKind>, 9>
      kWords = {{{"机关", v1::EMPLOYER_KIND_GOVERNMENT},
                 {"事业单位", v1::EMPLOYER_KIND_PUBLIC_INSTITUTION},
                 {"国有", v1::EMPLOYER_KIND_STATE_OWNED},
                 {"国企", v1::EMPLOYER_KIND_STATE_OWNED},
                 {"央企", v1::EMPLOYER_KIND_STATE_OWNED},
                 {"民营", v1::EMPLOYER_KIND_PRIVATE},
                 {"私营", v1::EMPLOYER_KIND_PRIVATE},
                 {"外资", v1::EMPLOYER_KIND_FOREIGN},
                 {"社会组织", v1::EMPLOYER_KIND_OTHER}}};
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  for (const auto& [word, kind] : kWords) {
    if (text.find(word) == std::string_view::npos) continue;
    out.posting.mutable_employer()->set_kind(kind);
    return FieldReading::kUnderstood;
  }
  NotUnderstood(in, text, "机关，事业单位，国有企业，民营企业，外资企业", out);
  return FieldReading::kRaw;
}

// --- Times ---

// A time in the rule's own format, else in those ParseDate knows.
Parsed<absl::Time> TimeOfText(const RuleInput& in, std::string_view text,
                              bool deadline) {
  if (in.rule.format.empty()) {
    return deadline ? ParseDeadline(text) : ParseDate(text);
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(in.rule.format, A(text), ChinaTime(), &time, &error)) {
    return {};
  }
  return Certain(time);
}

// The first column with a certain time: feeds write 1970 for "not known".
std::optional<absl::Time> FirstTime(const RuleInput& in, bool deadline,
                                    std::string_view& seen) {
  for (const std::string& text : in.texts) {
    if (text.empty()) continue;
    if (seen.empty()) seen = text;
    const Parsed<absl::Time> read = TimeOfText(in, text, deadline);
    if (read.certain) return *read.value;
  }
  return std::nullopt;
}

FieldReading ReadTime(const RuleInput& in, MappedPosting& out) {
  const bool deadline = in.rule.target == "expire_time";
  std::string_view seen;
  const std::optional<absl::Time> time = FirstTime(in, deadline, seen);
  if (seen.empty()) return FieldReading::kAbsent;
  if (!time.has_value()) {
    NotUnderstood(in, seen, "2026-03-01，2026-03-01 09:00:00，20260301", out);
    return FieldReading::kRaw;
  }
  (deadline ? *out.posting.mutable_expire_time()
            : *out.posting.mutable_publish_time()) = ProtoTimeOf(*time);
  return FieldReading::kUnderstood;
}

FieldReading ReadRevision(const RuleInput& in, MappedPosting& out) {
  const std::string_view text = FirstText(in);
  if (text.empty()) return FieldReading::kAbsent;
  int64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size() && number > 0) {
    out.posting.set_revision(number);
    return FieldReading::kUnderstood;
  }
  const Parsed<absl::Time> read = ParseDate(text);
  if (!read.certain) {
    NotUnderstood(in, text, "正整数，或最近修改时间", out);
    return FieldReading::kRaw;
  }
  out.posting.set_revision(absl::ToUnixMillis(*read.value));
  return FieldReading::kUnderstood;
}

// --- The table ---

constexpr TargetKind kText[] = {
    {"text", ReadText}, {"joined", ReadJoined}, {"constant", ReadText}};
constexpr TargetKind kSalary[] = {{"salary", ReadSalary},
                                  {"salary_numbers", ReadSalaryNumbers},
                                  {"constant", ReadSalary}};
constexpr TargetKind kRegion[] = {{"region", ReadPlaces},
                                  {"constant", ReadPlaces}};
constexpr TargetKind kDegree[] = {{"degree", ReadDegree},
                                  {"official", ReadOfficialLevels},
                                  {"constant", ReadDegree}};
constexpr TargetKind kMajors[] = {{"majors", ReadMajors},
                                  {"by_level", ReadMajorsByLevel},
                                  {"constant", ReadMajors}};
constexpr TargetKind kExperience[] = {{"experience", ReadExperience},
                                      {"constant", ReadExperience}};
constexpr TargetKind kHeadcount[] = {{"headcount", ReadHeadcount},
                                     {"constant", ReadHeadcount}};
constexpr TargetKind kYears[] = {{"years", ReadYears}, {"constant", ReadYears}};
constexpr TargetKind kFunctions[] = {{"functions", ReadFunctions}};
constexpr TargetKind kKind[] = {{"posting_kind", ReadKind},
                                {"constant", ReadKind}};
constexpr TargetKind kEmployerKind[] = {{"employer_kind", ReadEmployerKind},
                                        {"constant", ReadEmployerKind}};
constexpr TargetKind kIndustry[] = {{"industry", ReadIndustry}};
constexpr TargetKind kSkills[] = {{"list", ReadSkills}};
constexpr TargetKind kBenefits[] = {{"list", ReadBenefits}};
constexpr TargetKind kProvinces[] = {{"list", ReadProvinces}};
constexpr TargetKind kConditions[] = {{"official", ReadConditions}};
constexpr TargetKind kFresh[] = {{"fresh", ReadFreshGraduates}};
constexpr TargetKind kGrassroots[] = {{"years", ReadGrassroots}};
constexpr TargetKind kTests[] = {{"flag", ReadTests}};
constexpr TargetKind kId[] = {{"text", ReadText},
                              {"whole_number", ReadWholeNumber},
                              {"joined", ReadJoined},
                              {"constant", ReadText}};
constexpr TargetKind kTime[] = {{"date", ReadTime}};
constexpr TargetKind kRevision[] = {{"revision", ReadRevision}};

constexpr Target kTargets[] = {
    {"apply_url", kText},
    {"benefits", kBenefits},
    {"conditions", kConditions},
    {"conditions.fresh_graduates", kFresh},
    {"conditions.grassroots", kGrassroots},
    {"conditions.tests", kTests},
    {"description", kText},
    {"education", kDegree},
    {"employer.industry", kIndustry},
    {"employer.kind", kEmployerKind},
    {"employer.name", kText},
    {"employer.size", kText},
    {"employer.uscc", kText},
    {"experience_months", kExperience},
    {"expire_time", kTime},
    {"functions", kFunctions},
    {"graduation_years", kYears},
    {"kind", kKind},
    {"locations", kRegion},
    {"majors", kMajors},
    {"openings", kHeadcount},
    {"publish_time", kTime},
    {"requirements", kText},
    {"revision", kRevision},
    {"salary", kSalary},
    {"skills", kSkills},
    {"source_posting_id", kId},
    {"title", kText},
    {"visibility.provinces", kProvinces},
};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

}  // namespace gradmatch
