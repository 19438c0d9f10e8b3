#include "tests/matcher/eligibility_oracle.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "index/codes/code_table.h"

namespace gradmatch {
namespace {

const char* const kSystems[] = {"undergraduate", "gd2025-A", "gd2025-B",
                                "gd2025-C"};

int HighestLevel(const v1::Profile& profile) {
  int level = 0;
  for (const auto& e : profile.educations()) {
    level = std::max<int>(level, e.level());
  }
  return level;
}

Verdict JudgeVisibility(const v1::Profile& profile,
                        const v1::Posting& posting) {
  const auto& provinces = posting.visibility().provinces();
  const auto& schools = posting.visibility().schools();
  if (provinces.empty() && schools.empty()) return Verdict::kMet;
  const std::string home = profile.region().code();
  bool all_schools_said = !profile.educations().empty();
  for (const std::string& province : provinces) {
    if (!home.empty() && home.substr(0, 2) == province.substr(0, 2)) {
      return Verdict::kMet;
    }
  }
  for (const auto& education : profile.educations()) {
    const std::string& school = education.school().code();
    if (school.empty()) all_schools_said = false;
    if (std::find(schools.begin(), schools.end(), school) != schools.end()) {
      return Verdict::kMet;
    }
  }
  const bool open = (home.empty() && !provinces.empty()) ||
                    (!all_schools_said && !schools.empty());
  return open ? Verdict::kOpen : Verdict::kFailed;
}

Verdict JudgeDegree(const v1::Profile& profile, const v1::Posting& posting) {
  const auto& asked = posting.education();
  const int level = HighestLevel(profile);
  if (asked.min_level() == 0 && asked.max_level() == 0) {
    return asked.raw().empty() ? Verdict::kMet : Verdict::kOpen;
  }
  if (asked.min_level() <= 1 && asked.max_level() == 0) return Verdict::kMet;
  if (level == 0) return Verdict::kOpen;
  if (level < asked.min_level() && asked.min_level() > 1) {
    return Verdict::kFailed;
  }
  return asked.max_level() != 0 && level > asked.max_level() ? Verdict::kFailed
                                                             : Verdict::kMet;
}

// The codes of a major in a system, by its own code or by name.
std::vector<std::string> In(const v1::Code& major, const std::string& system) {
  std::vector<std::string> codes;
  const CodeTable& to = *CodeTable::Get(system);
  if (major.system() == system) {
    const CodeEntry* entry = to.Find(major.code());
    if (entry != nullptr) codes.emplace_back(entry->code);
    return codes;
  }
  const CodeEntry* entry = CodeTable::Get(major.system())->Find(major.code());
  if (entry == nullptr) return codes;
  for (const CodeEntry* e : CrossByName(*entry, to)) {
    codes.emplace_back(e->code);
  }
  return codes;
}

Verdict JudgeCode(const v1::Code& major, const v1::Code& asked) {
  const std::vector<std::string> codes = In(major, asked.system());
  if (codes.empty()) return Verdict::kOpen;
  Verdict best = Verdict::kFailed;
  const CodeTable& table = *CodeTable::Get(asked.system());
  const std::string wanted(table.Find(asked.code())->code);
  for (const std::string& code : codes) {
    if (code == wanted || table.Covers(wanted, code)) return Verdict::kMet;
    if (table.Covers(code, wanted)) best = Verdict::kOpen;
  }
  return best;
}

Verdict Better(Verdict a, Verdict b) { return std::min(a, b); }

Verdict JudgeGroup(const v1::Education& education,
                   const v1::MajorRequirement::Group& group) {
  const bool every = group.levels().empty();
  const bool speaks =
      every || std::find(group.levels().begin(), group.levels().end(),
                         education.level()) != group.levels().end();
  // A course whose level is not said may be of any level.
  const bool level_open = !every && education.level() == 0;
  if (!speaks && !level_open) return Verdict::kFailed;
  Verdict best = Verdict::kFailed;
  if (group.any_major()) best = Verdict::kMet;
  if (group.codes().empty() && !group.any_major()) best = Verdict::kOpen;
  if (education.majors().empty()) best = Better(best, Verdict::kOpen);
  for (const v1::Code& major : education.majors()) {
    for (const v1::Code& asked : group.codes()) {
      best = Better(best, JudgeCode(major, asked));
    }
  }
  return best == Verdict::kMet && level_open ? Verdict::kOpen : best;
}

Verdict JudgeMajor(const v1::Profile& profile, const v1::Posting& posting) {
  const v1::MajorRequirement& majors = posting.majors();
  if (majors.groups().empty() && majors.raw().empty()) return Verdict::kMet;
  Verdict best = majors.raw().empty() ? Verdict::kFailed : Verdict::kOpen;
  for (const auto& group : majors.groups()) {
    // A group that names nothing was meant to say something.
    if (group.codes().empty() && !group.any_major()) best = Verdict::kOpen;
  }
  v1::Profile who = profile;
  if (who.educations().empty()) who.add_educations();
  const int highest = HighestLevel(who);
  for (const auto& education : who.educations()) {
    const bool too_low = education.level() != 0 &&
                         education.level() < highest &&
                         education.level() < posting.education().min_level();
    if (too_low) continue;
    for (const auto& group : majors.groups()) {
      best = Better(best, JudgeGroup(education, group));
    }
  }
  return best;
}

Verdict JudgeYear(const v1::Profile& profile, const v1::Posting& posting) {
  if (posting.graduation_years().empty()) return Verdict::kMet;
  int year = 0;
  for (const auto& education : profile.educations()) {
    if (!education.has_graduation_time()) continue;
    const absl::Time day =
        absl::FromUnixSeconds(education.graduation_time().seconds());
    const auto civil =
        absl::ToCivilYear(day, absl::FixedTimeZone(8 * 3600)).year();
    year = std::max(year, static_cast<int>(civil));
  }
  if (year == 0) return Verdict::kOpen;
  const auto& years = posting.graduation_years();
  return std::find(years.begin(), years.end(), year) != years.end()
             ? Verdict::kMet
             : Verdict::kFailed;
}

Verdict JudgeExperience(const v1::Profile& profile,
                        const v1::Posting& posting) {
  if (posting.experience_months() == 0) return Verdict::kMet;
  if (!profile.has_experience_months() || profile.experience_months() < 0) {
    return Verdict::kOpen;
  }
  return profile.experience_months() >= posting.experience_months()
             ? Verdict::kMet
             : Verdict::kFailed;
}

// Codes in a tree where trailing zeros (of regions) do not count.
std::string Trim(std::string code, bool region) {
  while (region && code.size() > 2 && code.ends_with("00")) {
    code.resize(code.size() - 2);
  }
  return code;
}

Verdict JudgeTree(const std::vector<std::string>& stated,
                  const std::vector<std::string>& wanted, bool something_open) {
  if (wanted.empty()) return Verdict::kMet;
  Verdict best = something_open ? Verdict::kOpen : Verdict::kFailed;
  for (const std::string& wish : wanted) {
    for (const std::string& code : stated) {
      if (code.starts_with(wish)) return Verdict::kMet;
      if (wish.starts_with(code)) best = Verdict::kOpen;
    }
  }
  return best;
}

Verdict JudgePlaces(const v1::Profile& profile, const v1::Posting& posting) {
  if (profile.intent().places_strength() != v1::INTENT_STRENGTH_HARD) {
    return Verdict::kMet;
  }
  std::vector<std::string> stated, wanted;
  bool open = posting.locations().empty();
  for (const auto& location : posting.locations()) {
    if (location.region().code().empty()) {
      open = true;
    } else {
      stated.push_back(Trim(location.region().code(), true));
    }
  }
  for (const auto& place : profile.intent().places()) {
    wanted.push_back(Trim(place.code(), true));
  }
  return JudgeTree(stated, wanted, open);
}

Verdict JudgeFunctions(const v1::Profile& profile, const v1::Posting& posting) {
  if (profile.intent().functions_strength() != v1::INTENT_STRENGTH_HARD) {
    return Verdict::kMet;
  }
  std::vector<std::string> stated, wanted;
  for (const auto& code : posting.functions()) stated.push_back(code.code());
  for (const auto& code : profile.intent().functions()) {
    wanted.push_back(code.code());
  }
  return JudgeTree(stated, wanted, stated.empty());
}

Verdict JudgePay(const v1::Profile& profile, const v1::Posting& posting) {
  const v1::Intent& intent = profile.intent();
  if (intent.pay_strength() != v1::INTENT_STRENGTH_HARD) return Verdict::kMet;
  const v1::Salary& pay = posting.salary();
  if (pay.max_monthly() >= intent.min_monthly_pay() ||
      pay.min_monthly() >= intent.min_monthly_pay()) {
    return Verdict::kMet;
  }
  return pay.max_monthly() == 0 ? Verdict::kOpen : Verdict::kFailed;
}

Verdict JudgeEmployerKind(const v1::Profile& profile,
                          const v1::Posting& posting) {
  const v1::Intent& intent = profile.intent();
  if (intent.employer_kinds_strength() != v1::INTENT_STRENGTH_HARD ||
      intent.employer_kinds().empty()) {
    return Verdict::kMet;
  }
  if (posting.employer().kind() == 0) return Verdict::kOpen;
  const auto& kinds = intent.employer_kinds();
  return std::find(kinds.begin(), kinds.end(), posting.employer().kind()) !=
                 kinds.end()
             ? Verdict::kMet
             : Verdict::kFailed;
}

Verdict JudgePostingKind(const v1::Profile& profile,
                         const v1::Posting& posting) {
  const v1::Intent& intent = profile.intent();
  if (intent.posting_kinds_strength() != v1::INTENT_STRENGTH_HARD ||
      intent.posting_kinds().empty()) {
    return Verdict::kMet;
  }
  const int kind = posting.kind() == 0 ? 1 : posting.kind();
  if (kind == v1::POSTING_KIND_FLEXIBLE && intent.flexible_work()) {
    return Verdict::kMet;
  }
  const auto& kinds = intent.posting_kinds();
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end()
             ? Verdict::kMet
             : Verdict::kFailed;
}

}  // namespace

OracleAnswer JudgeSlowly(const v1::Profile& profile, const v1::Posting& posting,
                         absl::Time now) {
  const bool expired =
      posting.has_expire_time() &&
      absl::FromUnixSeconds(posting.expire_time().seconds()) < now;
  const std::pair<Requirement, Verdict> verdicts[] = {
      {Requirement::kExpiry, expired ? Verdict::kFailed : Verdict::kMet},
      {Requirement::kVisibility, JudgeVisibility(profile, posting)},
      {Requirement::kDegree, JudgeDegree(profile, posting)},
      {Requirement::kMajor, JudgeMajor(profile, posting)},
      {Requirement::kGraduationYear, JudgeYear(profile, posting)},
      {Requirement::kExperience, JudgeExperience(profile, posting)},
      {Requirement::kPlace, JudgePlaces(profile, posting)},
      {Requirement::kFunction, JudgeFunctions(profile, posting)},
      {Requirement::kPay, JudgePay(profile, posting)},
      {Requirement::kEmployerKind, JudgeEmployerKind(profile, posting)},
      {Requirement::kPostingKind, JudgePostingKind(profile, posting)}};
  OracleAnswer answer;
  for (const auto& [requirement, verdict] : verdicts) {
    answer.verdict = std::max(answer.verdict, verdict);
    if (verdict == Verdict::kFailed && !answer.first_failed.has_value()) {
      answer.first_failed = requirement;
    }
  }
  return answer;
}

}  // namespace gradmatch
