// Conditions of one row: which are asked of the graduate, and what comes of it.
#include <algorithm>
#include <array>
#include <string_view>

#include "matcher/eligibility.h"
#include "matcher/posting_keys.h"

namespace gradmatch {
namespace {

constexpr int kMaxScope = 16;

enum class Asked : uint8_t { kNo, kMaybe, kYes };

// A clause that is asked of some only.
struct ScopedClause {
  bool present = false;
  uint64_t clause = 0;
  uint64_t levels = 0;  // 0: of every level
  std::vector<uint64_t> majors;
};

bool Has(const std::vector<uint64_t>& keys, uint64_t key) {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

bool IsAbove(uint64_t broad, uint64_t narrow) {
  const uint64_t depth = broad >> 24 & 255;
  const uint64_t below = narrow >> 24 & 255;
  if (broad >> 32 != narrow >> 32 || depth > below) return false;
  uint64_t digits = narrow & 0xFFFFFF;
  for (uint64_t d = below; d > depth; --d) digits /= 10;
  return digits == (broad & 0xFFFFFF);
}

Asked AskedOfLevel(const ScopedClause& scoped, int level) {
  if (scoped.levels == 0) return Asked::kYes;
  if (level == 0) return Asked::kMaybe;
  return (scoped.levels >> level & 1) != 0 ? Asked::kYes : Asked::kNo;
}

// A list that is made for one level says nothing of a course at another.
bool SpeaksForLevel(uint64_t system, int level) {
  if (level == 0) return true;
  const std::string_view name =
      MajorSystemName(static_cast<MajorSystem>(system));
  if (name == "gd2025-A") return level >= v1::EDUCATION_LEVEL_MASTER;
  if (name == "gd2025-B") return level == v1::EDUCATION_LEVEL_BACHELOR;
  if (name == "gd2025-C") return level == v1::EDUCATION_LEVEL_VOCATIONAL;
  return true;
}

uint64_t SystemOf(uint64_t condition_major) { return condition_major >> 32; }

Asked AskedOfMajor(const ScopedClause& scoped, int level,
                   const CourseKeys::Major& major) {
  if (scoped.majors.empty()) return Asked::kYes;
  const auto speaks = [&](uint64_t wanted) {
    return SpeaksForLevel(SystemOf(wanted), level);
  };
  // The major's own list decides where it is among those named; else its
  // counterparts in the others do.
  const bool own = std::any_of(scoped.majors.begin(), scoped.majors.end(),
                               [&](uint64_t wanted) {
                                 return wanted != 0 && speaks(wanted) &&
                                        SystemOf(wanted) == major.own_system;
                               });
  bool relevant = false;
  bool comparable = false;
  Asked asked = Asked::kNo;
  for (uint64_t wanted : scoped.majors) {
    if (wanted == 0) return Asked::kMaybe;
    if (!speaks(wanted) || (own && SystemOf(wanted) != major.own_system)) {
      continue;
    }
    relevant = true;
    if ((major.systems >> SystemOf(wanted) & 1) == 0) continue;
    comparable = true;
    if (Has(major.codes, wanted)) return Asked::kYes;
    for (uint64_t narrowest : major.narrowest) {
      if (IsAbove(narrowest, wanted)) asked = Asked::kMaybe;
    }
  }
  return comparable || !relevant ? asked : Asked::kMaybe;
}

// Every clause that is asked for, when the posting takes this major.
Verdict JudgeWay(const EligibilityQuery& query, int level,
                 const CourseKeys::Major& major,
                 std::span<const ScopedClause> clauses) {
  Verdict worst = Verdict::kMet;
  for (const ScopedClause& scoped : clauses) {
    if (!scoped.present) continue;
    const Asked asked = std::min(AskedOfLevel(scoped, level),
                                 AskedOfMajor(scoped, level, major));
    if (asked == Asked::kNo) continue;
    Verdict verdict = query.stated.Judge(scoped.clause);
    if (asked == Asked::kMaybe) verdict = std::min(verdict, Verdict::kOpen);
    worst = std::max(worst, verdict);
  }
  return worst;
}

// The best of the ways; of those the posting takes, if there are any.
Verdict JudgeScoped(const EligibilityQuery& query,
                    std::span<const uint64_t> majors, int min_level,
                    std::span<const ScopedClause> clauses) {
  Verdict taken = Verdict::kFailed;
  Verdict possible = Verdict::kFailed;
  bool any_taken = false;
  for (const CourseKeys& course : query.courses) {
    const bool lower = course.level != 0 && course.level < query.level;
    if (lower && min_level > course.level) continue;
    for (const CourseKeys::Major& major : course.majors) {
      const Verdict verdict = JudgeWay(query, course.level, major, clauses);
      possible = std::min(possible, verdict);
      if (!SharesKey(majors, major.accept)) continue;
      any_taken = true;
      taken = std::min(taken, verdict);
    }
  }
  return any_taken ? taken : possible;
}

}  // namespace

Verdict CheckConditions(const EligibilityQuery& query,
                        std::span<const uint64_t> majors, int min_level,
                        std::span<const uint64_t> conditions) {
  if (conditions.empty()) return Verdict::kMet;
  const bool some = conditions.front() == kScopedConditionsKey;
  Verdict worst = Verdict::kMet;
  if (!some) {
    for (uint64_t key : conditions) {
      worst =
          std::max(worst, query.stated.Judge(ReadConditionKey(key).payload));
    }
    return worst;
  }
  std::array<ScopedClause, kMaxScope> clauses;
  for (uint64_t key : conditions) {
    const ConditionKey read = ReadConditionKey(key);
    ScopedClause& scoped = clauses[static_cast<size_t>(read.scope)];
    switch (read.part) {
      case ConditionKey::Part::kClause:
        if (read.scope == 0) {
          worst = std::max(worst, query.stated.Judge(read.payload));
        } else {
          scoped.present = true;
          scoped.clause = read.payload;
        }
        break;
      case ConditionKey::Part::kLevels:
        scoped.levels = read.payload;
        break;
      case ConditionKey::Part::kMajor:
        scoped.majors.push_back(read.payload);
        break;
      case ConditionKey::Part::kMark:
        break;
    }
  }
  return std::max(worst, JudgeScoped(query, majors, min_level, clauses));
}

}  // namespace gradmatch
